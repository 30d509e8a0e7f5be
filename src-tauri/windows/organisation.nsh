; The folder for an organisation's sites and policy (docs/policy.md): where it is missing, any account of the computer
; could make it first, and would own it.

; Owner: the administrators. They and the system do everything, others read; nothing comes from the folder above.
!define ORGANISATION_RIGHTS "O:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;BU)"

; Made with its rights: there is no moment in which somebody else could put anything into it. One that is there stays as
; it is, whoever made it: to hand over what is in it to the administrators is for those who know what that is.
!macro ORGANISATION_MAKE
  ${If} $MultiUser.InstallMode == "AllUsers"
    StrCpy $R2 "${ORGANISATION_RIGHTS}"
    System::Call 'advapi32::ConvertStringSecurityDescriptorToSecurityDescriptorW(w R2, i 1, *p .R1, p 0) i .r0'
    ${If} $0 <> 0
      System::Call '*(i 24, i 0, p R1, i 0, i 0) p .R0' ; SECURITY_ATTRIBUTES
      StrCpy $R2 "$APPDATA\Fieldkey"
      System::Call 'kernel32::CreateDirectoryW(w R2, p R0) i .r0'
      ${If} $0 <> 0
        CreateDirectory "$R2\sites"
      ${EndIf}
      System::Free $R0
      System::Call 'kernel32::LocalFree(p R1)'
    ${EndIf}
  ${EndIf}
!macroend

; Only where there is nothing in it, and no link: one is an administrator's, or somebody's to be looked at.
!macro ORGANISATION_REMOVE
  ${If} $MultiUser.InstallMode == "AllUsers"
    System::Call 'kernel32::GetFileAttributesW(w "$APPDATA\Fieldkey") i .r0'
    IntOp $0 $0 & 0x400 ; FILE_ATTRIBUTE_REPARSE_POINT
    ${If} $0 = 0
      System::Call 'kernel32::GetFileAttributesW(w "$APPDATA\Fieldkey\sites") i .r0'
      IntOp $0 $0 & 0x400
      ${If} $0 = 0
        RMDir "$APPDATA\Fieldkey\sites"
      ${EndIf}
      RMDir "$APPDATA\Fieldkey"
    ${EndIf}
  ${EndIf}
!macroend
