using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Slidebridge.Storage.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class HoldAndShadow : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropPrimaryKey(
                name: "PK_reruns",
                table: "reruns");

            migrationBuilder.AddColumn<long>(
                name: "HeldUntil",
                table: "tasks",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Rejection",
                table: "tasks",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Shadow",
                table: "reruns",
                type: "TEXT",
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddPrimaryKey(
                name: "PK_reruns",
                table: "reruns",
                columns: new[] { "TaskNumber", "Shadow" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropPrimaryKey(
                name: "PK_reruns",
                table: "reruns");

            migrationBuilder.DropColumn(
                name: "HeldUntil",
                table: "tasks");

            migrationBuilder.DropColumn(
                name: "Rejection",
                table: "tasks");

            migrationBuilder.DropColumn(
                name: "Shadow",
                table: "reruns");

            migrationBuilder.AddPrimaryKey(
                name: "PK_reruns",
                table: "reruns",
                column: "TaskNumber");
        }
    }
}
