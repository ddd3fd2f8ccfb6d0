using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Slidebridge.Storage.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class ChosenClassifier : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "Classifier",
                table: "tasks",
                type: "text",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "Classifier",
                table: "tasks");
        }
    }
}
