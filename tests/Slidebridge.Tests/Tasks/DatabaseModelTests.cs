using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Slidebridge.Storage;

namespace Slidebridge.Tests.Tasks;

/// <summary>The entities, their migrations and their compiled models say the same: <c>src/Slidebridge/add-migration.sh</c> makes the latter two from the first.</summary>
public sealed class DatabaseModelTests
{
    static TaskDatabase Open(bool isPostgres) => isPostgres
        ? new PostgresTaskDatabase(new DbContextOptionsBuilder<PostgresTaskDatabase>().UseNpgsql("Host=127.0.0.1;Port=1").Options)
        : new SqliteTaskDatabase(new DbContextOptionsBuilder<SqliteTaskDatabase>().UseSqlite("Data Source=:memory:").Options);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_change_of_an_entity_has_a_migration(bool isPostgres)
    {
        using var database = Open(isPostgres);
        Assert.False(database.Database.HasPendingModelChanges());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_compiled_model_is_that_of_the_entities(bool isPostgres)
    {
        using var database = Open(isPostgres);
        Assert.Contains("CompiledModels", database.Model.GetType().Namespace, StringComparison.Ordinal);
        Assert.Equal(Lines(database.GetService<IDesignTimeModel>().Model), Lines(database.Model));
    }

    static List<string> Lines(IModel model) => [.. model.GetEntityTypes().OrderBy(type => type.Name).SelectMany(type => new[] { $"{type.Name} in {type.GetTableName()}: {type.ToDebugString(MetadataDebugStringOptions.ShortDefault)}" }
        .Concat(type.GetProperties().Select(property => $"{type.Name}.{property.Name}: {property.GetColumnName()} {property.GetColumnType()} {property.GetTypeMapping().Converter?.GetType()} {property.GetMaxLength()} {property.IsConcurrencyToken} {property.ValueGenerated} {property.IsNullable}"))
        .Concat(type.GetForeignKeys().Select(key => $"{type.Name}: {key.DeleteBehavior} {key.IsUnique}"))
        .Concat(type.GetIndexes().Select(index => $"{type.Name}: {index.GetDatabaseName()} {index.IsUnique} {string.Join(",", index.Properties.Select(p => p.Name))}")))];
}
