@echo off
rem The command line that ships with the extension, run by the editor's own Node: nothing has to be installed.
setlocal
set ELECTRON_RUN_AS_NODE=1
if "%BEKEN_FLASHER_NODE%"=="" set BEKEN_FLASHER_NODE=node
"%BEKEN_FLASHER_NODE%" "%~dp0..\main.js" %*
