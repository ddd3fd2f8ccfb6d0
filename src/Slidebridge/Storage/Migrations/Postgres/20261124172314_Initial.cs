using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Slidebridge.Storage.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "tasks",
                columns: table => new
                {
                    Number = table.Column<long>(type: "bigint", nullable: false),
                    PlatformId = table.Column<string>(type: "text", nullable: false),
                    CaseNumber = table.Column<long>(type: "bigint", nullable: true),
                    CompanyId = table.Column<string>(type: "text", nullable: true),
                    Model = table.Column<string>(type: "text", nullable: true),
                    Request = table.Column<string>(type: "text", nullable: true),
                    Token = table.Column<string>(type: "text", nullable: true),
                    State = table.Column<string>(type: "text", nullable: false),
                    Group = table.Column<string>(type: "text", nullable: false),
                    ExpiresAt = table.Column<long>(type: "bigint", nullable: true),
                    Turn = table.Column<long>(type: "bigint", nullable: false),
                    AdmittedAt = table.Column<long>(type: "bigint", nullable: true),
                    Node = table.Column<string>(type: "text", nullable: true),
                    Run = table.Column<int>(type: "integer", nullable: false),
                    Crashes = table.Column<int>(type: "integer", nullable: false),
                    AcceptedAt = table.Column<long>(type: "bigint", nullable: false),
                    UpdatedAt = table.Column<long>(type: "bigint", nullable: false),
                    NotBefore = table.Column<long>(type: "bigint", nullable: true),
                    Runs = table.Column<int>(type: "integer", nullable: false),
                    Posts = table.Column<int>(type: "integer", nullable: false),
                    Delays = table.Column<int>(type: "integer", nullable: false),
                    DeliverUntil = table.Column<long>(type: "bigint", nullable: true),
                    LastError = table.Column<string>(type: "text", nullable: true),
                    LastCause = table.Column<string>(type: "text", nullable: true),
                    HasResult = table.Column<bool>(type: "boolean", nullable: false),
                    ReportsFailure = table.Column<bool>(type: "boolean", nullable: false),
                    EndedAt = table.Column<long>(type: "bigint", nullable: true),
                    TraceParent = table.Column<string>(type: "text", nullable: true),
                    StagedOn = table.Column<string>(type: "text", nullable: true),
                    PixelsRead = table.Column<long>(type: "bigint", nullable: false),
                    ClassifierSeconds = table.Column<double>(type: "double precision", nullable: false),
                    Scans = table.Column<string>(type: "jsonb", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_tasks", x => x.Number);
                });

            migrationBuilder.CreateTable(
                name: "events",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    TaskNumber = table.Column<long>(type: "bigint", nullable: false),
                    At = table.Column<long>(type: "bigint", nullable: false),
                    State = table.Column<string>(type: "text", nullable: false),
                    Who = table.Column<string>(type: "text", nullable: true),
                    What = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_events", x => x.Id);
                    table.ForeignKey(
                        name: "FK_events_tasks_TaskNumber",
                        column: x => x.TaskNumber,
                        principalTable: "tasks",
                        principalColumn: "Number",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "pictures",
                columns: table => new
                {
                    TaskNumber = table.Column<long>(type: "bigint", nullable: false),
                    ScanId = table.Column<string>(type: "text", nullable: false),
                    SlideWidth = table.Column<int>(type: "integer", nullable: false),
                    SlideHeight = table.Column<int>(type: "integer", nullable: false),
                    Jpeg = table.Column<byte[]>(type: "bytea", nullable: true)
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

            migrationBuilder.CreateTable(
                name: "results",
                columns: table => new
                {
                    TaskNumber = table.Column<long>(type: "bigint", nullable: false),
                    Json = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_results", x => x.TaskNumber);
                    table.ForeignKey(
                        name: "FK_results_tasks_TaskNumber",
                        column: x => x.TaskNumber,
                        principalTable: "tasks",
                        principalColumn: "Number",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_events_TaskNumber",
                table: "events",
                column: "TaskNumber");

            migrationBuilder.CreateIndex(
                name: "IX_tasks_CompanyId_State_AdmittedAt_Turn",
                table: "tasks",
                columns: new[] { "CompanyId", "State", "AdmittedAt", "Turn" });

            migrationBuilder.CreateIndex(
                name: "IX_tasks_EndedAt",
                table: "tasks",
                column: "EndedAt");

            migrationBuilder.CreateIndex(
                name: "IX_tasks_State_AcceptedAt",
                table: "tasks",
                columns: new[] { "State", "AcceptedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_tasks_State_AdmittedAt_Turn",
                table: "tasks",
                columns: new[] { "State", "AdmittedAt", "Turn" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "events");

            migrationBuilder.DropTable(
                name: "pictures");

            migrationBuilder.DropTable(
                name: "results");

            migrationBuilder.DropTable(
                name: "tasks");
        }
    }
}
