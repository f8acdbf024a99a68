# shellcheck shell=bash
# Proves that the pods of a Deployment whose node has stopped are replaced on other nodes.
# Needs NAMESPACE, NODE: the node that has stopped. Goes through kubectl.

check() {
  local seen deleted name host ready good=0 on='' waits=''
  local fields='{.metadata.deletionTimestamp}|{.metadata.name}|{.spec.nodeName}'
  fields+='|{.status.conditions[?(@.type=="Ready")].status}{"\n"}'
  seen=$(kubectl --request-timeout=5s -n "$NAMESPACE" get pods -l app=resident -o jsonpath="{range .items[*]}$fields{end}")
  while IFS='|' read -r deleted name host ready; do
    if [ -z "$name" ]; then
      continue
    elif [ "$host" = "$NODE" ]; then
      # Nobody hears from its kubelet that it has ended.
      waits+=", $name ${deleted:+is given up}"
      [ -n "$deleted" ] || waits+="still belongs to $NODE"
    elif [ "$ready$deleted" = True ]; then
      good=$((good + 1))
      on+=", $name on $host"
    fi
  done <<<"$seen"
  if [ "$good" != 2 ] || [[ $waits == *still* ]]; then
    echo "$good of 2 pods are Ready on other nodes${waits:+: ${waits#, }}"
    return 1
  fi
  echo "2 pods Ready: ${on#, }"
} 2>&1
