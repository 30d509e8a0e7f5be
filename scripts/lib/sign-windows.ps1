# Signs a file for Windows with a certificate of the account that runs this: FIELDKEY_CERTIFICATE is its thumbprint.
# For FIELDKEY_SIGN of scripts/package-windows.
param([Parameter(Mandatory)][string]$File)
$ErrorActionPreference = 'Stop'
$certificate = Get-Item "Cert:\CurrentUser\My\$env:FIELDKEY_CERTIFICATE"
# With the time, so that it stays good when the certificate has ended.
$how = @{ HashAlgorithm = 'SHA256'; TimestampServer = 'http://timestamp.digicert.com' }
Set-AuthenticodeSignature -FilePath $File -Certificate $certificate @how | Out-Null
$found = Get-AuthenticodeSignature -FilePath $File
# This computer need not trust an organisation's own CA; the computers that the package is for do.
if ($found.SignerCertificate.Thumbprint -ne $certificate.Thumbprint) { throw "$File is not signed: $($found.StatusMessage)" }
if (-not $found.TimeStamperCertificate) { throw "$File is signed without the time" }
