using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Slidebridge.Storage.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class Provenance : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<byte[]>(
                name: "Ledger",
                table: "results",
                type: "bytea",
                nullable: true);

            migrationBuilder.AddColumn<byte[]>(
                name: "Provenance",
                table: "results",
                type: "bytea",
                nullable: true);

            migrationBuilder.AddColumn<byte[]>(
                name: "Ledger",
                table: "reruns",
                type: "bytea",
                nullable: true);

            migrationBuilder.AddColumn<byte[]>(
                name: "Provenance",
                table: "reruns",
                type: "bytea",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "Ledger",
                table: "results");

            migrationBuilder.DropColumn(
                name: "Provenance",
                table: "results");

            migrationBuilder.DropColumn(
                name: "Ledger",
                table: "reruns");

            migrationBuilder.DropColumn(
                name: "Provenance",
                table: "reruns");
        }
    }
}
