using Slidebridge.Classifiers.Programs;

namespace Slidebridge.Tests.Programs;

public sealed class PythonTracebackTests
{
    [Fact]
    public void The_class_and_the_line_are_told_and_no_word_of_the_message() => Assert.Equal("torch.cuda.OutOfMemoryError at look.py, line 3", PythonTraceback.Find("""
        loading
        Traceback (most recent call last):
          File "/srv/models/mine.py", line 9, in classify
            look(task)
          File "/srv/models/look.py", line 3, in look
            raise OutOfMemoryError(patient)
        torch.cuda.OutOfMemoryError: Smith, Jane
        """));

    [Theory]
    [InlineData("Traceback (most recent call last):\n  File \"<frozen runpy>\", line 198, in _run\n  File \"/m/a.py\", line 2, in <module>\n    import no\nModuleNotFoundError: No module named 'no'", "/m/a.py, line 2")]
    [InlineData("  File \"/m/b.py\", line 7\n    def f()\n           ^\nSyntaxError: expected ':'", "/m/b.py, line 7")]
    [InlineData("the model file is missing", null)]
    public void Where_a_program_stopped_before_its_first_task_is_told_with_file_and_line(string output, string? place) => Assert.Equal(place, PythonTraceback.Place(output));

    [Theory]
    [InlineData("")]
    [InlineData("ValueError: Smith")]
    [InlineData("Traceback (most recent call last):\nSmith: no frame")]
    [InlineData("Traceback (most recent call last):\n  File \"Jane Smith\", line 3, in look\nValueError: no")]
    [InlineData("Traceback (most recent call last):\n  File \"a.py\", line 3, in look\nJane Smith has no tissue")]
    public void What_is_no_whole_traceback_tells_nothing(string output) => Assert.Null(PythonTraceback.Find(output));
}
