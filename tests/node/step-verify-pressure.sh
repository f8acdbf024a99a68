# shellcheck shell=bash disable=SC2016,SC2034,SC2154,SC2317
# What nodes are short of is said one by one, also where one node is short of several things.
step verify-pressure

# kubectl with these lines about nodes.
cluster() { double kubectl "printf '$1'"; }

cluster 'm-k8s Ready\nw1-k8s Ready\n'
holds 'no node is short of disk, memory or process numbers'
cluster 'm-k8s MemoryPressure DiskPressure Ready\nw1-k8s Ready\nw2-k8s PIDPressure Ready\n'
fails 'm-k8s: MemoryPressure; m-k8s: DiskPressure; w2-k8s: PIDPressure'
