# shellcheck shell=bash disable=SC2034,SC2154
# Whose containerd it is: one that fits stays, one that does not makes room for the payload's.
step containerd
newer() { if older "$1" "$2"; then echo "$1 is older than $2"; exit 1; fi; }
older 1.4 1.5; older 1.6.20~ds1 1.6.28; older 1.9 1.10; older 1.7.30 2; older 2.0.0-rc.1 2.0.4
newer 1.5 1.4; newer 2 2; newer 1.6.28 1.6.28; newer 1.10 1.9; newer 2.0.4 2.0; newer 2 1.7.30
SHA256=$(printf %064d 0) ENCODING=none FROM=1.6 BELOW=2
double containerd 'echo "containerd github.com/containerd/containerd 1.6.20~ds1 1.6.20~ds1-1"'
stays
if from_here; then exit 1; fi
FROM=1.6.28
from_here
FROM=1.4 BELOW=1.6
from_here
# Without a range, as from a pack, the payload's it is.
FROM='' BELOW=''
from_here
# kprov's own is not another's, whatever its version.
FROM=1.6 BELOW=2
mkdir -p "$kprov_state/archives"
echo "$SHA256" > "$kprov_state/archives/containerd"
from_here
# Its unit is kprov's then.
double runc ''
OLDEST=1.4 TOO_NEW=2
remembered() { return 0; }
fails 'the unit of containerd is missing or not as wanted'
write_unit
fails 'start at boot'
# And without a payload there is nothing to take its place.
SHA256=''
if from_here; then exit 1; fi
# What this Kubernetes does not take is said, wherever it is from.
fails 'start at boot'
double containerd 'echo "containerd github.com/containerd/containerd/v2 v2.1.4 abc"'
fails 'containerd 2.1.4 does not fit this kubernetes, which takes 1.4 and later, but earlier than 2'
OLDEST=2.0.4 TOO_NEW=3
fails 'start at boot'
