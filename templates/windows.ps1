# What the doctor asks of a computer with Windows: NAME=VALUE, line by line, and nothing for what cannot be found out. All in
# one call, since each start of PowerShell takes half a second. No double quotes: they would have to survive a command line.
$ErrorActionPreference = 'SilentlyContinue'
[Console]::OutputEncoding = [Text.Encoding]::UTF8
$computer = Get-CimInstance Win32_ComputerSystem
'hypervisor=' + $computer.HypervisorPresent
'memory=' + $computer.TotalPhysicalMemory
'free-memory-kib=' + (Get-CimInstance Win32_OperatingSystem).FreePhysicalMemory
$guard = Get-CimInstance -Namespace root\Microsoft\Windows\DeviceGuard -ClassName Win32_DeviceGuard
'virtualisation-based-security=' + $guard.VirtualizationBasedSecurityStatus
'security-services=' + ($guard.SecurityServicesRunning -join ',')
foreach ($service in 'vmms', 'vmcompute') { 'service-' + $service + '=' + (Get-Service $service).Status }
'time=' + (Get-ItemProperty HKLM:\SYSTEM\CurrentControlSet\Services\W32Time\Parameters).Type
Get-PSDrive -PSProvider FileSystem | ForEach-Object { 'drive=' + $_.Name + ' ' + $_.Free }
Get-NetRoute -AddressFamily IPv4 | ForEach-Object { 'route=' + $_.DestinationPrefix + ' dev ' + $_.InterfaceAlias }
