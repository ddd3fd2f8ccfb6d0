using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Slidebridge.Storage.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Endings : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<bool>(
                name: "IsAlone",
                table: "tasks",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<int>(
                name: "LoneCrashes",
                table: "tasks",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "IsAlone",
                table: "tasks");

            migrationBuilder.DropColumn(
                name: "LoneCrashes",
                table: "tasks");
        }
    }
}
