using System.Text.RegularExpressions;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Security;

/// <summary>What the program's source never does. Each pattern is a way to be attacked that no run of a test would show.</summary>
public sealed class SourceTests
{
    [Theory]
    [InlineData("SQL made of text", @"(FromSqlRaw|ExecuteSqlRaw(Async)?|SqlQueryRaw(<\w+>)?)\((\$|[a-z]\w* *\+|""[^""]*"" *\+)")]
    [InlineData("a deserializer that makes objects of any type", @"BinaryFormatter|NetDataContractSerializer|SoapFormatter|LosFormatter|TypeNameHandling|XmlSerializer")]
    [InlineData("code that is made at run time", @"CSharpScript|CodeDomProvider|Assembly\.Load(From|File)?\(|DynamicMethod")]
    [InlineData("a pattern that is made of text", @"new Regex\(|Regex\.(IsMatch|Match|Matches|Replace|Split)\(")]
    [InlineData("a broken hash or cipher", @"\b(MD5|SHA1|DES|TripleDES|RC2|RC4)\b(\.|Managed|CryptoServiceProvider)|CipherMode\.ECB|RSAEncryptionPadding\.Pkcs1")]
    [InlineData("a certificate that is not verified", @"DangerousAcceptAnyServerCertificateValidator|(CertificateCustom|RemoteCertificate)Validation\w*\s*=\s*\([^)]*\)\s*=>\s*true|Trust Server Certificate")]
    [InlineData("a redirect that is followed", @"AllowAutoRedirect\s*=\s*true|new HttpClient\(\)|new HttpClientHandler\(\)|new SocketsHttpHandler\(\)")]
    [InlineData("a document type in XML", @"DtdProcessing\.(Parse|Ignore)|XmlUrlResolver|XmlDocument\(")]
    [InlineData("a program that the shell chooses", @"UseShellExecute\s*=\s*true")]
    [InlineData("a page of errors for developers", @"UseDeveloperExceptionPage|EnableSensitiveDataLogging|ShowPII\s*=\s*true")]
    public void The_source_never_has(string what, string pattern)
    {
        var forbidden = new Regex(pattern);
        var files = ((string[])["Slidebridge", "Slidebridge.Sdk", "Slidebridge.Slides"]).SelectMany(project => Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", project), "*.cs", SearchOption.AllDirectories))
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin")).ToList();
        Assert.InRange(files.Count, 300, int.MaxValue);
        Assert.Empty(from file in files from line in File.ReadLines(file) where forbidden.IsMatch(line) && !line.TrimStart().StartsWith("//", StringComparison.Ordinal) select $"{what}: {Path.GetRelativePath(Repository.Root, file)}: {line.Trim()}");
    }
}
