using Slidebridge.Storage;
﻿using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Slidebridge.Storage.Migrations.Sqlite
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
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Proof",
                table: "tasks",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "IsWithoutToken",
                table: "tasks",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "Objects",
                table: "tasks",
                type: "TEXT",
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<byte[]>(
                name: "Secrets",
                table: "tasks",
                type: "BLOB",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "VerifiedAt",
                table: "tasks",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "VerifyAt",
                table: "tasks",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "BodyHash",
                table: "events",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "Bytes",
                table: "events",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "From",
                table: "events",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Words",
                table: "events",
                type: "TEXT",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "keys",
                columns: table => new
                {
                    Name = table.Column<string>(type: "TEXT", nullable: false),
                    Xml = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_keys", x => x.Name);
                });

            migrationBuilder.CreateTable(
                name: "requests",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    TaskNumber = table.Column<long>(type: "INTEGER", nullable: false),
                    ReceivedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    VerifyAt = table.Column<long>(type: "INTEGER", nullable: false),
                    From = table.Column<string>(type: "TEXT", nullable: false),
                    Claim = table.Column<byte[]>(type: "BLOB", nullable: false)
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
                UPDATE tasks SET Secrets = CAST(json_object('task', Number, 'token', Token, 'request', Request,
                    'urls', (SELECT json_group_object(json_extract(s.value, '$.ScanId'), json(json_extract(s.value, '$.Urls'))) FROM json_each(tasks.Scans) s)) AS BLOB)
                WHERE Token IS NOT NULL OR Request IS NOT NULL;
                """);
            migrationBuilder.Sql("UPDATE tasks SET Scans = (SELECT json_group_array(json_remove(s.value, '$.Urls')) FROM json_each(tasks.Scans) s) WHERE Scans IS NOT NULL;");
            migrationBuilder.Sql("UPDATE tasks SET VerifiedAt = UpdatedAt WHERE State NOT IN ('Accepted', 'Running');");
            migrationBuilder.Sql("UPDATE tasks SET State = 'Accepted', AdmittedAt = NULL, VerifyAt = 0, IsWithoutToken = (Token IS NULL) WHERE State IN ('Accepted', 'Running');");
            migrationBuilder.Sql("UPDATE events SET Words = substr(What, instr(What, ': ') + 2), What = substr(What, 1, instr(What, ': ') - 1) WHERE What LIKE 'failed: %' OR What LIKE 'put off: %';");
            migrationBuilder.Sql("UPDATE tasks SET ResultObjects = '' WHERE HasResult;");
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
            foreach (var name in new[] { "Token", "Request" }) migrationBuilder.AddColumn<string>(name, "tasks", "TEXT", nullable: true);
        }
    }
}
