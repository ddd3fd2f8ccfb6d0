using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Slidebridge.Storage.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Cluster : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "AdmittedAt",
                table: "tasks",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<double>(
                name: "ClassifierSeconds",
                table: "tasks",
                type: "REAL",
                nullable: false,
                defaultValue: 0.0);

            migrationBuilder.AddColumn<int>(
                name: "Crashes",
                table: "tasks",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<long>(
                name: "EndedAt",
                table: "tasks",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "ExpiresAt",
                table: "tasks",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Group",
                table: "tasks",
                type: "TEXT",
                nullable: false,
                defaultValue: "default");

            migrationBuilder.AddColumn<bool>(
                name: "HasResult",
                table: "tasks",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "LastCause",
                table: "tasks",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Node",
                table: "tasks",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "PixelsRead",
                table: "tasks",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<bool>(
                name: "ReportsFailure",
                table: "tasks",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<int>(
                name: "Run",
                table: "tasks",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<string>(
                name: "StagedOn",
                table: "tasks",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "TraceParent",
                table: "tasks",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "Turn",
                table: "tasks",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<string>(
                name: "Who",
                table: "events",
                type: "TEXT",
                nullable: true);

            // What an earlier version left: results are counted, turns are by age, and a run that was cut off waits for its place anew.
            migrationBuilder.Sql("UPDATE tasks SET HasResult = 1 WHERE Number IN (SELECT TaskNumber FROM results)");
            migrationBuilder.Sql("UPDATE tasks SET Turn = AcceptedAt");
            migrationBuilder.Sql("UPDATE tasks SET State = 'Accepted' WHERE State = 'Running'");
            migrationBuilder.Sql("UPDATE tasks SET EndedAt = UpdatedAt WHERE State IN ('Completed', 'Failed', 'Cancelled')");

            migrationBuilder.CreateTable(
                name: "pictures",
                columns: table => new
                {
                    TaskNumber = table.Column<long>(type: "INTEGER", nullable: false),
                    ScanId = table.Column<string>(type: "TEXT", nullable: false),
                    SlideWidth = table.Column<int>(type: "INTEGER", nullable: false),
                    SlideHeight = table.Column<int>(type: "INTEGER", nullable: false),
                    Jpeg = table.Column<byte[]>(type: "BLOB", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_pictures", x => new { x.TaskNumber, x.ScanId });
                    table.ForeignKey(
                        name: "FK_pictures_tasks_TaskNumber",
                        column: x => x.TaskNumber,
                        principalTable: "tasks",
                        principalColumn: "Number",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_tasks_CompanyId_State_AdmittedAt_Turn",
                table: "tasks",
                columns: new[] { "CompanyId", "State", "AdmittedAt", "Turn" });

            migrationBuilder.CreateIndex(
                name: "IX_tasks_EndedAt",
                table: "tasks",
                column: "EndedAt");

            migrationBuilder.CreateIndex(
                name: "IX_tasks_State_AdmittedAt_Turn",
                table: "tasks",
                columns: new[] { "State", "AdmittedAt", "Turn" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "pictures");

            migrationBuilder.DropIndex(
                name: "IX_tasks_CompanyId_State_AdmittedAt_Turn",
                table: "tasks");

            migrationBuilder.DropIndex(
                name: "IX_tasks_EndedAt",
                table: "tasks");

            migrationBuilder.DropIndex(
                name: "IX_tasks_State_AdmittedAt_Turn",
                table: "tasks");

            migrationBuilder.DropColumn(
                name: "AdmittedAt",
                table: "tasks");

            migrationBuilder.DropColumn(
                name: "ClassifierSeconds",
                table: "tasks");

            migrationBuilder.DropColumn(
                name: "Crashes",
                table: "tasks");

            migrationBuilder.DropColumn(
                name: "EndedAt",
                table: "tasks");

            migrationBuilder.DropColumn(
                name: "ExpiresAt",
                table: "tasks");

            migrationBuilder.DropColumn(
                name: "Group",
                table: "tasks");

            migrationBuilder.DropColumn(
                name: "HasResult",
                table: "tasks");

            migrationBuilder.DropColumn(
                name: "LastCause",
                table: "tasks");

            migrationBuilder.DropColumn(
                name: "Node",
                table: "tasks");

            migrationBuilder.DropColumn(
                name: "PixelsRead",
                table: "tasks");

            migrationBuilder.DropColumn(
                name: "ReportsFailure",
                table: "tasks");

            migrationBuilder.DropColumn(
                name: "Run",
                table: "tasks");

            migrationBuilder.DropColumn(
                name: "StagedOn",
                table: "tasks");

            migrationBuilder.DropColumn(
                name: "TraceParent",
                table: "tasks");

            migrationBuilder.DropColumn(
                name: "Turn",
                table: "tasks");

            migrationBuilder.DropColumn(
                name: "Who",
                table: "events");
        }
    }
}
