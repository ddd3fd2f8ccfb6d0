namespace Slidebridge.Tests;
public class Smoke { [Fact] public void It_runs() { } }
