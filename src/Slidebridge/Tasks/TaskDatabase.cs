using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Slidebridge.Tasks;

/// <summary>The tasks' tables.</summary>
sealed class TaskDatabase(DbContextOptions<TaskDatabase> options) : DbContext(options)
{
    public DbSet<BridgeTask> Tasks => Set<BridgeTask>();

    public DbSet<SavedResult> Results => Set<SavedResult>();

    protected override void OnModelCreating(ModelBuilder model)
    {
        model.Entity<BridgeTask>(task =>
        {
            task.ToTable("tasks");
            task.HasKey(t => t.Number);
            task.Property(t => t.Number).ValueGeneratedNever();
            task.Property(t => t.State).HasConversion<string>().IsConcurrencyToken();
            task.HasIndex(t => new { t.State, t.AcceptedAt });
            // A task is one row: taken, read and written as a whole.
            task.OwnsMany(t => t.Scans, scan =>
            {
                scan.ToJson("Scans");
                scan.Ignore(s => s.Stain);
            });
            task.HasMany(t => t.Events).WithOne().HasForeignKey(e => e.TaskNumber);
            task.HasOne(t => t.Result).WithOne().HasForeignKey<SavedResult>(r => r.TaskNumber);
        });
        model.Entity<TaskEvent>(step =>
        {
            step.ToTable("events");
            step.HasKey(e => e.Id);
            step.Property(e => e.State).HasConversion<string>();
        });
        model.Entity<SavedResult>(result =>
        {
            result.ToTable("results");
            result.HasKey(r => r.TaskNumber);
            result.Property(r => r.TaskNumber).ValueGeneratedNever();
        });
    }

    /// <summary>Moments are kept as UTC ticks: SQLite has no type for them, and a number sorts.</summary>
    protected override void ConfigureConventions(ModelConfigurationBuilder conventions) =>
        conventions.Properties<DateTimeOffset>().HaveConversion<UtcTicks>();

    sealed class UtcTicks() : ValueConverter<DateTimeOffset, long>(moment => moment.UtcTicks, ticks => new DateTimeOffset(ticks, TimeSpan.Zero));
}
