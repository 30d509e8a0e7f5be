; The installer for Windows: for one person or for the computer, silent with /S, in English and Japanese. With /UPDATE it
; was started by the window, which it waits for and starts again: src-tauri/src/updates. It is made by
; scripts/package-windows, which says what to put where:
;   /DVERSION=1.2.3-rc.1  /DNUMBERS=1.2.3  /DPROGRAMS=FOLDER  /DOUTPUT=FILE  and, if wanted,
;   /DBOOTSTRAPPER=FILE   Microsoft's installer of WebView2, to be run where that is missing
;   /DSIGN=COMMAND        signs a file whose path is put behind it
;   /DQUICK               packs less tightly

Unicode true
Target amd64-unicode
ManifestDPIAware true
ManifestSupportedOS all
!ifdef QUICK
  SetCompressor zlib
!else
  SetCompressor /SOLID lzma
!endif

!ifdef NSIS_WIN32_MAKENSIS
  !define / "\"
!else
  !define / "/"
!endif
!define HERE "${__FILEDIR__}"

!define KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\Fieldkey"
!define SITE_FILE "Fieldkey.Site"
!define WEBVIEW2 "Microsoft\EdgeUpdate\Clients\{F3017226-FE2A-4295-8BDF-00C3A9A7E4C5}"

; Without a word on the command line it is for the person who runs it: /AllUsers and /CurrentUser say which.
!define MULTIUSER_EXECUTIONLEVEL Highest
!define MULTIUSER_MUI
!define MULTIUSER_USE_PROGRAMFILES64
!define MULTIUSER_INSTALLMODE_COMMANDLINE
!define MULTIUSER_INSTALLMODE_DEFAULT_CURRENTUSER
!define MULTIUSER_INSTALLMODE_INSTDIR "Fieldkey"
!define MULTIUSER_INSTALLMODE_INSTDIR_REGISTRY_KEY "${KEY}"
!define MULTIUSER_INSTALLMODE_INSTDIR_REGISTRY_VALUENAME "InstallLocation"
!define MULTIUSER_INSTALLMODE_DEFAULT_REGISTRY_KEY "${KEY}"
!define MULTIUSER_INSTALLMODE_DEFAULT_REGISTRY_VALUENAME "InstallLocation"

!include MultiUser.nsh
!include MUI2.nsh
!include StrFunc.nsh
!include FileFunc.nsh
!include LogicLib.nsh
!include WinMessages.nsh
!include WinVer.nsh
!include x64.nsh
!include "${HERE}${/}path.nsh"
!include "${HERE}${/}organisation.nsh"

${Using:StrFunc} StrStr

Name "Fieldkey"
OutFile "${OUTPUT}"
BrandingText "Fieldkey ${VERSION}"
VIProductVersion "${NUMBERS}.0"
VIAddVersionKey ProductName "Fieldkey"
VIAddVersionKey ProductVersion "${VERSION}"
VIAddVersionKey FileVersion "${VERSION}"
VIAddVersionKey FileDescription "Fieldkey"
VIAddVersionKey LegalCopyright "MIT OR Apache-2.0"
!ifdef SIGN
  !finalize '${SIGN} "%1"' = 0
  !uninstfinalize '${SIGN} "%1"' = 0
!endif

!define MUI_ICON "${HERE}${/}..${/}icons${/}icon.ico"
!define MUI_UNICON "${HERE}${/}..${/}icons${/}icon.ico"
!define MUI_ABORTWARNING
; By the Explorer: as the person at the screen, even where an administrator's password was asked for.
!define MUI_FINISHPAGE_RUN "$WINDIR\explorer.exe"
!define MUI_FINISHPAGE_RUN_PARAMETERS "$\"$INSTDIR\fieldkey-window.exe$\""
!define MUI_FINISHPAGE_NOAUTOCLOSE
!insertmacro MULTIUSER_PAGE_INSTALLMODE
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "Japanese"

LangString RUNNING ${LANG_ENGLISH} "Fieldkey is running. Close it, then try again."
LangString RUNNING ${LANG_JAPANESE} "Fieldkey が実行中です。終了してから、もう一度お試しください。"
LangString NO_ROOM ${LANG_ENGLISH} "Fieldkey could not be written to $INSTDIR. Check that the disk has room and that you may write there. What was there is unchanged."
LangString NO_ROOM ${LANG_JAPANESE} "$INSTDIR に Fieldkey を書き込めませんでした。ディスクの空き容量と、書き込みの権限を確認してください。元のファイルは変更されていません。"
LangString OLD_WINDOWS ${LANG_ENGLISH} "Fieldkey needs Windows 10 or newer, 64 bit."
LangString OLD_WINDOWS ${LANG_JAPANESE} "Fieldkey には Windows 10 以降 (64 ビット) が必要です。"
LangString NO_WEBVIEW2 ${LANG_ENGLISH} "Fieldkey's window needs Microsoft Edge WebView2, which is missing on this computer. Install it from https://developer.microsoft.com/microsoft-edge/webview2/. The command fieldkey works without it."
LangString NO_WEBVIEW2 ${LANG_JAPANESE} "Fieldkey のウィンドウには Microsoft Edge WebView2 が必要ですが、このパソコンには見つかりません。https://developer.microsoft.com/microsoft-edge/webview2/ からインストールしてください。fieldkey コマンドは WebView2 なしで使えます。"
LangString SITE_FILE_NAME ${LANG_ENGLISH} "Fieldkey site file"
LangString SITE_FILE_NAME ${LANG_JAPANESE} "Fieldkey サイトファイル"
LangString KEPT ${LANG_ENGLISH} "The journal and the settings stay where they are."
LangString KEPT ${LANG_JAPANESE} "実行履歴と設定はそのまま残ります。"

!include "${HERE}${/}programs.nsh"

Function .onInit
  ${IfNot} ${RunningX64}
  ${OrIfNot} ${AtLeastWin10}
    !insertmacro STOP "$(OLD_WINDOWS)" 4
  ${EndIf}
  SetRegView 64
  ; What /D= names, which the next line would put aside.
  StrCpy $R9 $INSTDIR
  ; The word as a whole, not within another one or a path.
  ${GetParameters} $0
  ${StrStr} $Update " $0 " " /UPDATE "
  !insertmacro MULTIUSER_INIT
  ${If} $R9 != ""
    StrCpy $INSTDIR $R9
  ${EndIf}
FunctionEnd

Function un.onInit
  SetRegView 64
  !insertmacro MULTIUSER_UNINIT
FunctionEnd

Section
  ${If} $Update != ""
    Call WaitForTheWindow
  ${EndIf}
  !insertmacro STOP_IF_RUNNING
  SetOutPath "$INSTDIR"
  !insertmacro UNPACK "fieldkey-window.exe"
  !insertmacro UNPACK "fieldkey.exe"
  ; First the command, which a script may have started meanwhile.
  !insertmacro TAKE_THE_PLACE "fieldkey.exe"
  !insertmacro TAKE_THE_PLACE "fieldkey-window.exe"
  ; Builds with MSVC have it inside. (With /nonfatal, one that is missing is a warning, and warnings end makensis.)
  !if /FileExists "${PROGRAMS}${/}WebView2Loader.dll"
    File "${PROGRAMS}${/}WebView2Loader.dll"
  !endif
  File "/oname=licences.txt" "${HERE}${/}..${/}licences.txt"
  File "/oname=LICENSE-MIT.txt" "${HERE}${/}..${/}..${/}LICENSE-MIT"
  File "/oname=LICENSE-APACHE.txt" "${HERE}${/}..${/}..${/}LICENSE-APACHE"
  CreateShortcut "$SMPROGRAMS\Fieldkey.lnk" "$INSTDIR\fieldkey-window.exe"

  WriteRegStr SHCTX "Software\Classes\.fieldkey" "" "${SITE_FILE}"
  WriteRegStr SHCTX "Software\Classes\.fieldkey" "Content Type" "application/vnd.fieldkey.site+json"
  WriteRegStr SHCTX "Software\Classes\${SITE_FILE}" "" "$(SITE_FILE_NAME)"
  WriteRegStr SHCTX "Software\Classes\${SITE_FILE}\DefaultIcon" "" "$INSTDIR\fieldkey-window.exe,0"
  WriteRegStr SHCTX "Software\Classes\${SITE_FILE}\shell\open\command" "" '"$INSTDIR\fieldkey-window.exe" "%1"'
  WriteRegStr SHCTX "Software\Classes\fieldkey" "" "URL:Fieldkey"
  WriteRegStr SHCTX "Software\Classes\fieldkey" "URL Protocol" ""
  WriteRegStr SHCTX "Software\Classes\fieldkey\DefaultIcon" "" "$INSTDIR\fieldkey-window.exe,0"
  WriteRegStr SHCTX "Software\Classes\fieldkey\shell\open\command" "" '"$INSTDIR\fieldkey-window.exe" "%1"'
  !insertmacro TELL_THE_SHELL
  !insertmacro PATH_ADD "$INSTDIR"
  !insertmacro ORGANISATION_MAKE

  WriteUninstaller "$INSTDIR\uninstall.exe"
  WriteRegStr SHCTX "${KEY}" DisplayName "Fieldkey"
  WriteRegStr SHCTX "${KEY}" DisplayVersion "${VERSION}"
  WriteRegStr SHCTX "${KEY}" DisplayIcon "$INSTDIR\fieldkey-window.exe,0"
  WriteRegStr SHCTX "${KEY}" Publisher "Fieldkey"
  WriteRegStr SHCTX "${KEY}" InstallLocation "$INSTDIR"
  WriteRegStr SHCTX "${KEY}" UninstallString '"$INSTDIR\uninstall.exe" /$MultiUser.InstallMode'
  WriteRegStr SHCTX "${KEY}" QuietUninstallString '"$INSTDIR\uninstall.exe" /$MultiUser.InstallMode /S'
  WriteRegDWORD SHCTX "${KEY}" NoModify 1
  WriteRegDWORD SHCTX "${KEY}" NoRepair 1
  ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
  WriteRegDWORD SHCTX "${KEY}" EstimatedSize $0

  Call WebView2
  ${If} $Update != ""
    !insertmacro START_THE_WINDOW
  ${EndIf}
SectionEnd

; Windows 11 has it, most Windows 10 have it. A server may not.
Function WebView2
  SetRegView 32
  ReadRegStr $0 HKLM "Software\${WEBVIEW2}" "pv"
  SetRegView 64
  ${If} $0 == ""
    ReadRegStr $0 HKCU "Software\${WEBVIEW2}" "pv"
  ${EndIf}
  ${If} $0 != ""
  ${AndIf} $0 != "0.0.0.0"
    Return
  ${EndIf}
  !ifdef BOOTSTRAPPER
    InitPluginsDir
    File "/oname=$PLUGINSDIR\webview2.exe" "${BOOTSTRAPPER}"
    ClearErrors
    ExecWait '"$PLUGINSDIR\webview2.exe" /silent /install' $0
    ${IfNot} ${Errors}
    ${AndIf} $0 = 0
      Return
    ${EndIf}
  !endif
  DetailPrint "$(NO_WEBVIEW2)"
  MessageBox MB_OK|MB_ICONINFORMATION "$(NO_WEBVIEW2)" /SD IDOK
FunctionEnd

Section Uninstall
  !insertmacro STOP_IF_RUNNING
  !insertmacro PATH_REMOVE "$INSTDIR"
  ; Somebody else's program may open site files by now.
  ReadRegStr $0 SHCTX "Software\Classes\.fieldkey" ""
  ${If} $0 == "${SITE_FILE}"
    DeleteRegKey SHCTX "Software\Classes\.fieldkey"
  ${EndIf}
  DeleteRegKey SHCTX "Software\Classes\${SITE_FILE}"
  DeleteRegKey SHCTX "Software\Classes\fieldkey"
  !insertmacro TELL_THE_SHELL
  DeleteRegKey SHCTX "${KEY}"
  Delete "$SMPROGRAMS\Fieldkey.lnk"
  Delete "$INSTDIR\*.exe.new"
  Delete "$INSTDIR\fieldkey-window.exe"
  Delete "$INSTDIR\fieldkey.exe"
  Delete "$INSTDIR\WebView2Loader.dll"
  Delete "$INSTDIR\licences.txt"
  Delete "$INSTDIR\LICENSE-MIT.txt"
  Delete "$INSTDIR\LICENSE-APACHE.txt"
  Delete "$INSTDIR\uninstall.exe"
  !insertmacro ORGANISATION_REMOVE
  RMDir "$INSTDIR"
  ; What the web view keeps for itself. The journal and the settings are the person's.
  SetShellVarContext current
  RMDir /r "$LOCALAPPDATA\dev.fieldkey.window\EBWebView"
  RMDir "$LOCALAPPDATA\dev.fieldkey.window"
  DetailPrint "$(KEPT)"
SectionEnd
