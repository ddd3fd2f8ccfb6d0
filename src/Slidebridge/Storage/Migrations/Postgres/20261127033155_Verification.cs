using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;
using Slidebridge.Storage;

#nullable disable

namespace Slidebridge.Storage.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class Verification : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "ResultObjects",
                table: "tasks",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Proof",
                table: "tasks",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "IsWithoutToken",
                table: "tasks",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "Objects",
                table: "tasks",
                type: "text",
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<byte[]>(
                name: "Secrets",
                table: "tasks",
                type: "bytea",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "VerifiedAt",
                table: "tasks",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "VerifyAt",
                table: "tasks",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "BodyHash",
                table: "events",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "Bytes",
                table: "events",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "From",
                table: "events",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Words",
                table: "events",
                type: "text",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "keys",
                columns: table => new
                {
                    Name = table.Column<string>(type: "text", nullable: false),
                    Xml = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_keys", x => x.Name);
                });

            migrationBuilder.CreateTable(
                name: "requests",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    TaskNumber = table.Column<long>(type: "bigint", nullable: false),
                    ReceivedAt = table.Column<long>(type: "bigint", nullable: false),
                    VerifyAt = table.Column<long>(type: "bigint", nullable: false),
                    From = table.Column<string>(type: "text", nullable: false),
                    Claim = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_requests", x => x.Id);
                    table.ForeignKey(
                        name: "FK_requests_tasks_TaskNumber",
                        column: x => x.TaskNumber,
                        principalTable: "tasks",
                        principalColumn: "Number",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_tasks_VerifyAt",
                table: "tasks",
                column: "VerifyAt");

            migrationBuilder.CreateIndex(
                name: "IX_requests_TaskNumber",
                table: "requests",
                column: "TaskNumber");

            migrationBuilder.CreateIndex(
                name: "IX_requests_VerifyAt",
                table: "requests",
                column: "VerifyAt");

            // What an earlier version left. Tokens and URLs leave their columns; TaskStorage.PrepareAsync encrypts them before anything else happens.
            // What waits is verified before it is worked on; what was classified stays.
            migrationBuilder.Sql("""
                UPDATE tasks SET "Secrets" = convert_to(json_build_object('task', "Number", 'token', "Token", 'request', "Request",
                    'urls', (SELECT json_object_agg(s ->> 'ScanId', s -> 'Urls') FROM jsonb_array_elements("Scans") s))::text, 'UTF8')
                WHERE "Token" IS NOT NULL OR "Request" IS NOT NULL;
                """);
            migrationBuilder.Sql("""UPDATE tasks SET "Scans" = (SELECT jsonb_agg(e.s - 'Urls' ORDER BY e.o) FROM jsonb_array_elements("Scans") WITH ORDINALITY e(s, o)) WHERE jsonb_array_length("Scans") > 0;""");
            migrationBuilder.Sql("""UPDATE tasks SET "VerifiedAt" = "UpdatedAt" WHERE "State" NOT IN ('Accepted', 'Running');""");
            migrationBuilder.Sql("""UPDATE tasks SET "State" = 'Accepted', "AdmittedAt" = NULL, "VerifyAt" = 0, "IsWithoutToken" = ("Token" IS NULL) WHERE "State" IN ('Accepted', 'Running');""");
            migrationBuilder.Sql("""UPDATE events SET "Words" = substr("What", position(': ' in "What") + 2), "What" = substr("What", 1, position(': ' in "What") - 1) WHERE "What" LIKE 'failed: %' OR "What" LIKE 'put off: %';""");
            migrationBuilder.Sql("""UPDATE tasks SET "ResultObjects" = '' WHERE "HasResult" = true;""");
            foreach (var name in new[] { "Token", "Request" }) migrationBuilder.DropColumn(name, "tasks");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "keys");

            migrationBuilder.DropTable(
                name: "requests");

            migrationBuilder.DropIndex(
                name: "IX_tasks_VerifyAt",
                table: "tasks");

            migrationBuilder.DropColumn(
                name: "IsWithoutToken",
                table: "tasks");

            migrationBuilder.DropColumn(
                name: "Objects",
                table: "tasks");

            migrationBuilder.DropColumn(
                name: "Secrets",
                table: "tasks");

            migrationBuilder.DropColumn(
                name: "VerifiedAt",
                table: "tasks");

            migrationBuilder.DropColumn(
                name: "VerifyAt",
                table: "tasks");

            migrationBuilder.DropColumn(
                name: "BodyHash",
                table: "events");

            migrationBuilder.DropColumn(
                name: "Bytes",
                table: "events");

            migrationBuilder.DropColumn(
                name: "From",
                table: "events");

            migrationBuilder.DropColumn(
                name: "Words",
                table: "events");

            foreach (var name in new[] { "ResultObjects", "Proof" }) migrationBuilder.DropColumn(name, "tasks");
            foreach (var name in new[] { "Token", "Request" }) migrationBuilder.AddColumn<string>(name, "tasks", "text", nullable: true);
        }
    }
}
