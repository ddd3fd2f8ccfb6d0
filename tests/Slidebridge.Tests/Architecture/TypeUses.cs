using Mono.Cecil;

namespace Slidebridge.Tests.Architecture;

/// <summary>Every type that a compiled type uses: in its declaration, its members, their attributes and the instructions of its methods, with what is nested in it.</summary>
static class TypeUses
{
    /// <summary>The outermost types that <paramref name="type"/> uses, of any assembly, itself included.</summary>
    public static IReadOnlySet<TypeReference> Of(TypeDefinition type) => Types(type).SelectMany(Parts).Select(Outermost).ToHashSet();

    static TypeReference Outermost(TypeReference type)
    {
        while (type.DeclaringType is { } outer) type = outer;
        return type;
    }

    static IEnumerable<TypeReference?> Types(TypeDefinition type) =>
    [
        type.BaseType, .. type.Interfaces.Select(i => i.InterfaceType), .. Attributes(type), .. Constraints(type),
        .. type.Fields.SelectMany(f => Attributes(f).Prepend(f.FieldType)),
        .. type.Properties.SelectMany(Attributes), .. type.Events.SelectMany(Attributes),
        .. type.Methods.SelectMany(Method),
        .. type.NestedTypes.SelectMany(Types),
    ];

    static IEnumerable<TypeReference?> Method(MethodDefinition method) =>
    [
        .. Signature(method), .. Attributes(method), .. Constraints(method), .. method.Parameters.SelectMany(Attributes),
        .. method.HasBody
            ? [.. method.Body.Variables.Select(v => v.VariableType), .. method.Body.ExceptionHandlers.Select(h => h.CatchType), .. method.Body.Instructions.SelectMany(i => Operand(i.Operand))]
            : Enumerable.Empty<TypeReference?>(),
    ];

    static IEnumerable<TypeReference?> Operand(object? operand) => operand switch
    {
        TypeReference type => [type],
        MethodReference method => Signature(method),
        FieldReference field => [field.DeclaringType, field.FieldType],
        _ => [],
    };

    static IEnumerable<TypeReference?> Signature(MethodReference method) =>
        [method.DeclaringType, method.ReturnType, .. method.Parameters.Select(p => p.ParameterType), .. method is GenericInstanceMethod generic ? generic.GenericArguments : []];

    static IEnumerable<TypeReference?> Constraints(IGenericParameterProvider generic) => generic.GenericParameters.SelectMany(p => p.Constraints).Select(c => c.ConstraintType);

    static IEnumerable<TypeReference?> Attributes(ICustomAttributeProvider of) =>
        of.CustomAttributes.SelectMany(a => a.ConstructorArguments.Concat(a.Properties.Select(p => p.Argument)).Select(argument => argument.Value as TypeReference).Prepend(a.AttributeType));

    /// <summary>A type's own definition and those of its arguments: of <c>List&lt;T[]&gt;</c>, List and T.</summary>
    static IEnumerable<TypeReference> Parts(TypeReference? type) => type switch
    {
        null or GenericParameter => [],
        GenericInstanceType generic => generic.GenericArguments.SelectMany(Parts).Concat(Parts(generic.ElementType)),
        TypeSpecification specified => Parts(specified.ElementType),
        _ => [type],
    };
}
