# shellcheck shell=bash
# Proves that a node that was off is Ready again, by the word of the kubelet that runs now: the cluster believes for a
# while in what the one before it said.
# Needs NAME: the node's name; ADDRESS, API (https://host:6443). Runs on the node, which comes back by itself.

check() { node_is_ready; }
