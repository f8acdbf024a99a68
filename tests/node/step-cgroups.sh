# shellcheck shell=bash
# Version 2 is known by its file at the top; version 1 and a mix of both are not enough.
step cgroups
mount -t tmpfs tmpfs /sys/fs/cgroup
mkdir /sys/fs/cgroup/memory /sys/fs/cgroup/unified
: > /sys/fs/cgroup/unified/cgroup.controllers
fails 'version 1'
: > /sys/fs/cgroup/cgroup.controllers
holds 'version 2'
