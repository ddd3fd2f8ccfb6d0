using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Slidebridge.Identity;
using Slidebridge.Security;

namespace Slidebridge.Api;

/// <summary>Adds to <c>/openapi/v1.json</c> how callers prove who they are, and the role that each operation needs (OpenAPI 3.1: the list of a security requirement may name roles).</summary>
static class ApiDescription
{
    const string Scheme = "token";

    public static void Describe(OpenApiOptions options)
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
            document.Components.SecuritySchemes[Scheme] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "A token of 'slidebridge token add', or of --api-token. A bridge that listens on localhost only, without --api-token, also answers callers on its machine without a token.",
            };
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            if (Access.RoleOf(context.Description.ActionDescriptor.EndpointMetadata.OfType<IAuthorizeData>()) is not { } role) return Task.CompletedTask;
            operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Scheme, context.Document)] = [role.Name()] }];
            operation.Description = $"{operation.Description}{(operation.Description is null ? "" : " ")}Role: {role.Name()}.";
            return Task.CompletedTask;
        });
    }
}
