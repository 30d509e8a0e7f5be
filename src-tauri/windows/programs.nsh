; The two programs, which may be running: while Windows runs one it lets nobody write to it.

Var Update

; By the Explorer, as on the last page.
!macro START_THE_WINDOW
  Exec '"$WINDIR\explorer.exe" "$INSTDIR\fieldkey-window.exe"'
!macroend

; What ends it. STATUS is the exit status that a script sees.
!macro STOP TEXT STATUS
  ; In an update somebody waits for the window, though the installer shows nothing. The old one is still there.
  ${If} $Update != ""
    MessageBox MB_OK|MB_ICONSTOP "${TEXT}"
    !insertmacro START_THE_WINDOW
  ${Else}
    MessageBox MB_OK|MB_ICONSTOP "${TEXT}" /SD IDOK
  ${EndIf}
  SetErrorLevel ${STATUS}
  Quit
!macroend

; Windows keeps a program's file while it runs: then $3 is empty. $2 is the file.
!macro TRY_TO_WRITE
  FileOpen $3 "$2" a
  ${If} $3 != ""
    FileClose $3
  ${EndIf}
!macroend

!macro STOP_IF_RUNNING
  ${For} $1 1 2
    ${If} $1 = 1
      StrCpy $2 "$INSTDIR\fieldkey-window.exe"
    ${Else}
      StrCpy $2 "$INSTDIR\fieldkey.exe"
    ${EndIf}
    ${If} ${FileExists} "$2"
      !insertmacro TRY_TO_WRITE
      ${If} $3 == ""
        !insertmacro STOP "$(RUNNING)" 3
      ${EndIf}
    ${EndIf}
  ${Next}
!macroend

; Beside the one that is there, which stays until all of the new one is on the disk.
!macro UNPACK NAME
  ClearErrors
  File "/oname=${NAME}.new" "${PROGRAMS}${/}${NAME}"
  ${If} ${Errors}
    Delete "$INSTDIR\*.exe.new"
    !insertmacro STOP "$(NO_ROOM)" 5
  ${EndIf}
!macroend

!macro TAKE_THE_PLACE NAME
  StrCpy $R3 "$INSTDIR\${NAME}.new"
  StrCpy $R4 "$INSTDIR\${NAME}"
  System::Call 'kernel32::MoveFileExW(w R3, w R4, i 9) i .r0' ; MOVEFILE_REPLACE_EXISTING, MOVEFILE_WRITE_THROUGH
  ${If} $0 = 0
    Delete "$INSTDIR\*.exe.new"
    !insertmacro STOP "$(RUNNING)" 3
  ${EndIf}
!macroend

; The window has started this, and is ending.
!define PATIENCE 150 ; of 200 ms
Function WaitForTheWindow
  StrCpy $2 "$INSTDIR\fieldkey-window.exe"
  ${For} $1 1 ${PATIENCE}
    ; What is not there would be made.
    ${IfNot} ${FileExists} "$2"
      Return
    ${EndIf}
    !insertmacro TRY_TO_WRITE
    ${If} $3 != ""
      Return
    ${EndIf}
    Sleep 200
  ${Next}
FunctionEnd
