using System.Reflection;

namespace Slidebridge.Provenance;

/// <summary>The version that an assembly states.</summary>
static class AssemblyVersion
{
    /// <summary>Such as <c>1.2.0+7b6bded…</c>: the semantic version and, after a plus sign, the commit. Null if the assembly states none.</summary>
    public static string? Of(Assembly assembly) => assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? assembly.GetName().Version?.ToString();
}
