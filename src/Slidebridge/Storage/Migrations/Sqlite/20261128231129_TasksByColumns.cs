using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Slidebridge.Storage.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class TasksByColumns : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "changed_tasks",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    Number = table.Column<long>(type: "INTEGER", nullable: false),
                    AcceptedAt = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_changed_tasks", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "column_blocks",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false),
                    FirstAccepted = table.Column<long>(type: "INTEGER", nullable: false),
                    FirstNumber = table.Column<long>(type: "INTEGER", nullable: false),
                    Tasks = table.Column<int>(type: "INTEGER", nullable: false),
                    LastChange = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_column_blocks", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "column_values",
                columns: table => new
                {
                    Id = table.Column<int>(type: "INTEGER", nullable: false),
                    Column = table.Column<int>(type: "INTEGER", nullable: false),
                    Text = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_column_values", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "columns",
                columns: table => new
                {
                    Block = table.Column<long>(type: "INTEGER", nullable: false),
                    Column = table.Column<int>(type: "INTEGER", nullable: false),
                    Least = table.Column<long>(type: "INTEGER", nullable: false),
                    Most = table.Column<long>(type: "INTEGER", nullable: false),
                    Bytes = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_columns", x => new { x.Block, x.Column });
                });

            migrationBuilder.CreateIndex(
                name: "IX_columns_Column_Least_Most_Block",
                table: "columns",
                columns: new[] { "Column", "Least", "Most", "Block" });

            // Not the writers but the database notes what changed, so that no writer can forget it. EF drops the triggers when it rebuilds the table for a later migration: that one must make them again.
            migrationBuilder.Sql("""CREATE TRIGGER tasks_added AFTER INSERT ON tasks BEGIN INSERT INTO changed_tasks ("Number", "AcceptedAt") VALUES (NEW."Number", NEW."AcceptedAt"); END;""");
            migrationBuilder.Sql("""CREATE TRIGGER tasks_removed AFTER DELETE ON tasks BEGIN INSERT INTO changed_tasks ("Number", "AcceptedAt") VALUES (OLD."Number", OLD."AcceptedAt"); END;""");
            migrationBuilder.Sql("""CREATE TRIGGER tasks_changed AFTER UPDATE OF "State", "CompanyId", "Model", "Classifier", "Group", "Node", "Scans", "CaseNumber", "EndedAt", "UpdatedAt", "VerifiedAt", "PixelsRead", "ClassifierSeconds" ON tasks BEGIN INSERT INTO changed_tasks ("Number", "AcceptedAt") VALUES (NEW."Number", NEW."AcceptedAt"); END;""");
            migrationBuilder.Sql("""INSERT INTO changed_tasks ("Number", "AcceptedAt") SELECT "Number", "AcceptedAt" FROM tasks ORDER BY "AcceptedAt", "Number";""");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("DROP TRIGGER tasks_added; DROP TRIGGER tasks_removed; DROP TRIGGER tasks_changed;");

            migrationBuilder.DropTable(
                name: "changed_tasks");

            migrationBuilder.DropTable(
                name: "column_blocks");

            migrationBuilder.DropTable(
                name: "column_values");

            migrationBuilder.DropTable(
                name: "columns");
        }
    }
}
