; `PATH` in the registry, changed by Windows' own calls: a variable of NSIS holds 1023 characters, and many a PATH is
; longer. What is in it stays as it is, with its `%variables%` unexpanded.

!define HKCU_NUMBER 0x80000001
!define HKLM_NUMBER 0x80000002
!define KEY_ALL 0xF013F ; KEY_ALL_ACCESS, in the view of 64 bit
!define MAX_PATH_BYTES 65536

; Opens the key into $R0, reads PATH into the memory at $R1, both 0 if that cannot be; $R2 is its type.
!macro PATH_OPEN
  StrCpy $R0 0
  StrCpy $R1 0
  StrCpy $R2 2 ; REG_EXPAND_SZ
  ${If} $MultiUser.InstallMode == "AllUsers"
    System::Call 'advapi32::RegOpenKeyExW(p ${HKLM_NUMBER}, w "SYSTEM\CurrentControlSet\Control\Session Manager\Environment", i 0, i ${KEY_ALL}, *p .R0) i .r0'
  ${Else}
    System::Call 'advapi32::RegCreateKeyExW(p ${HKCU_NUMBER}, w "Environment", i 0, p 0, i 0, i ${KEY_ALL}, p 0, *p .R0, p 0) i .r0'
  ${EndIf}
  ${If} $0 = 0
    ; Two NULs more than the registry may have forgotten, and room for what is added.
    System::Alloc ${MAX_PATH_BYTES}
    Pop $R1
    System::Call 'kernel32::RtlZeroMemory(p R1, p ${MAX_PATH_BYTES})'
    System::Call 'advapi32::RegQueryValueExW(p R0, w "Path", p 0, *i .r1, p R1, *i 60000) i .r0'
    ${If} $0 = 0
      StrCpy $R2 $1
    ${ElseIf} $0 <> 2 ; ERROR_FILE_NOT_FOUND: nobody has set it. Else it is left alone.
      System::Free $R1
      StrCpy $R1 0
    ${EndIf}
  ${Else}
    StrCpy $R0 0
  ${EndIf}
!macroend

; Writes what is at $R1.
!macro PATH_WRITE
  System::Call 'kernel32::lstrlenW(p R1) i .r0'
  IntOp $0 $0 + 1
  IntOp $0 $0 * 2
  System::Call 'advapi32::RegSetValueExW(p R0, w "Path", i 0, i R2, p R1, i r0)'
  SendMessage ${HWND_BROADCAST} ${WM_SETTINGCHANGE} 0 "STR:Environment" /TIMEOUT=2000
!macroend

!macro PATH_CLOSE
  ${If} $R1 <> 0
    System::Free $R1
  ${EndIf}
  ${If} $R0 <> 0
    System::Call 'advapi32::RegCloseKey(p R0)'
  ${EndIf}
!macroend

; Finds `;FOLDER` at the memory $R1, as a whole entry: $R3 is where it begins, 0 if it is not there; $R4 where it ends.
!macro PATH_FIND FOLDER
  StrCpy $R5 ";${FOLDER}"
  StrLen $R6 $R5
  IntOp $R6 $R6 * 2
  StrCpy $R3 $R1
  ${Do}
    System::Call 'shlwapi::StrStrIW(p R3, w R5) p .R3'
    ${If} $R3 = 0
      ${Break}
    ${EndIf}
    IntPtrOp $R4 $R3 + $R6
    System::Call '*$R4(&i2 .r0)'
    ${If} $0 = 0
    ${OrIf} $0 = 59 ; a semicolon
      ${Break}
    ${EndIf}
    StrCpy $R3 $R4
  ${Loop}
!macroend

!macro PATH_ADD FOLDER
  !insertmacro PATH_OPEN
  ${If} $R1 <> 0
    !insertmacro PATH_FIND "${FOLDER}"
    ${If} $R3 = 0
      System::Call 'kernel32::lstrcatW(p R1, w R5)'
      !insertmacro PATH_WRITE
    ${EndIf}
  ${EndIf}
  !insertmacro PATH_CLOSE
!macroend

!macro PATH_REMOVE FOLDER
  !insertmacro PATH_OPEN
  ${If} $R1 <> 0
    !insertmacro PATH_FIND "${FOLDER}"
    ${If} $R3 <> 0
      System::Call 'kernel32::lstrlenW(p R4) i .r0'
      IntOp $0 $0 + 1
      IntOp $0 $0 * 2
      System::Call 'kernel32::RtlMoveMemory(p R3, p R4, p r0)'
      !insertmacro PATH_WRITE
    ${EndIf}
  ${EndIf}
  !insertmacro PATH_CLOSE
!macroend

; SHCNE_ASSOCCHANGED
!macro TELL_THE_SHELL
  System::Call 'shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)'
!macroend
