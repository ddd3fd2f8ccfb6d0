using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Slidebridge.Storage.Migrations.Postgres
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
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    Number = table.Column<long>(type: "bigint", nullable: false),
                    AcceptedAt = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_changed_tasks", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "column_blocks",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false),
                    FirstAccepted = table.Column<long>(type: "bigint", nullable: false),
                    FirstNumber = table.Column<long>(type: "bigint", nullable: false),
                    Tasks = table.Column<int>(type: "integer", nullable: false),
                    LastChange = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_column_blocks", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "column_values",
                columns: table => new
                {
                    Id = table.Column<int>(type: "integer", nullable: false),
                    Column = table.Column<int>(type: "integer", nullable: false),
                    Text = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_column_values", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "columns",
                columns: table => new
                {
                    Block = table.Column<long>(type: "bigint", nullable: false),
                    Column = table.Column<int>(type: "integer", nullable: false),
                    Least = table.Column<long>(type: "bigint", nullable: false),
                    Most = table.Column<long>(type: "bigint", nullable: false),
                    Bytes = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_columns", x => new { x.Block, x.Column });
                });

            migrationBuilder.CreateIndex(
                name: "IX_columns_Column_Least_Most_Block",
                table: "columns",
                columns: new[] { "Column", "Least", "Most", "Block" });

            // A column's numbers are compact already.
            migrationBuilder.Sql("""ALTER TABLE columns ALTER COLUMN "Bytes" SET STORAGE EXTERNAL;""");
            // Not the writers but the database notes what changed: nodes of an earlier version write too. Rows are only added, so no writer waits for another.
            migrationBuilder.Sql("""
                CREATE FUNCTION note_changed_task() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    IF TG_OP = 'DELETE' THEN
                        INSERT INTO changed_tasks ("Number", "AcceptedAt") VALUES (OLD."Number", OLD."AcceptedAt");
                    ELSE
                        INSERT INTO changed_tasks ("Number", "AcceptedAt") VALUES (NEW."Number", NEW."AcceptedAt");
                    END IF;
                    RETURN NULL;
                END $$;
                """);
            migrationBuilder.Sql("""CREATE TRIGGER tasks_changed AFTER INSERT OR DELETE OR UPDATE OF "State", "CompanyId", "Model", "Classifier", "Group", "Node", "Scans", "CaseNumber", "EndedAt", "UpdatedAt", "VerifiedAt", "PixelsRead", "ClassifierSeconds" ON tasks FOR EACH ROW EXECUTE FUNCTION note_changed_task();""");
            migrationBuilder.Sql("""INSERT INTO changed_tasks ("Number", "AcceptedAt") SELECT "Number", "AcceptedAt" FROM tasks ORDER BY "AcceptedAt", "Number";""");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("DROP TRIGGER tasks_changed ON tasks; DROP FUNCTION note_changed_task();");

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
