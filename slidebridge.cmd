@echo off
rem Builds Slidebridge when its sources are newer than the build, then runs it with the arguments given. The same as ./slidebridge, for Windows.
setlocal
set "SLIDEBRIDGE_ROOT=%~dp0"
set "SLIDEBRIDGE_PROGRAM=%~dp0src\Slidebridge\bin\Release\app\Slidebridge.dll"

call :look
if %LOOKED%==0 goto run
where dotnet >nul 2>nul
if errorlevel 1 (
  echo slidebridge: the .NET 10 SDK is needed ^(https://dotnet.microsoft.com/download^) 1>&2
  exit /b 1
)
echo slidebridge: building... 1>&2
set "SLIDEBRIDGE_LOG=%TEMP%\slidebridge-build-%RANDOM%%RANDOM%.log"
dotnet build "%~dp0src\Slidebridge" --configuration Release --nologo --verbosity quiet -p:RestoreLockedMode=true >"%SLIDEBRIDGE_LOG%" 2>&1
if not errorlevel 1 goto built
call :look
if %LOOKED%==2 (
  type "%SLIDEBRIDGE_LOG%" 1>&2
  del "%SLIDEBRIDGE_LOG%"
  exit /b 1
)
echo slidebridge: the build failed and no source is newer than the last one, which runs instead. 'dotnet build src/Slidebridge -c Release -p:RestoreLockedMode=true' shows why. 1>&2
del "%SLIDEBRIDGE_LOG%"
goto run

:built
del "%SLIDEBRIDGE_LOG%"
rem A build that had nothing to do leaves it old.
powershell -NoProfile -NonInteractive -Command "(Get-Item -LiteralPath $env:SLIDEBRIDGE_PROGRAM).LastWriteTimeUtc = [DateTime]::UtcNow"

:run
endlocal & dotnet "%~dp0src\Slidebridge\bin\Release\app\Slidebridge.dll" %*
exit /b %ERRORLEVEL%

rem LOOKED: 0 the program is up to date, 1 only a lock file is newer, 2 a source is newer or there is no program.
:look
powershell -NoProfile -NonInteractive -Command "$p = Get-Item -LiteralPath $env:SLIDEBRIDGE_PROGRAM -ErrorAction SilentlyContinue; if (-not $p) { exit 2 }; $r = $env:SLIDEBRIDGE_ROOT; $f = @(Get-ChildItem -Path ($r + 'src') -Recurse -File | Where-Object { $_.FullName -notmatch '\\(bin|obj)\\' -and $_.Name -ne '.build-lock' }) + @(Get-ChildItem -Path ($r + 'Directory.*') -File) + @(Get-Item -LiteralPath ($r + 'global.json')); $n = @($f | Where-Object { $_.LastWriteTimeUtc -gt $p.LastWriteTimeUtc }); if ($n.Count -eq 0) { exit 0 }; if (@($n | Where-Object { $_.Name -ne 'packages.lock.json' }).Count -eq 0) { exit 1 }; exit 2"
set LOOKED=%ERRORLEVEL%
exit /b 0
