# shellcheck shell=bash
# Proves that a service of type LoadBalancer gets an address of the pool, the first one if no other service of that
# type is there.
# Needs NAMESPACE; MANIFEST: the LoadBalancer service `nginx-external` as YAML; FIRST, LAST: the pool. Publishes
# load-balancer-address. Runs on the first control plane.

check() {
  local fields seen namespace name type given others=0 address=''
  fields='{.metadata.namespace}|{.metadata.name}|{.spec.type}|{.status.loadBalancer.ingress[*].ip}{"\n"}'
  seen=$(kubectl --request-timeout=5s get services --all-namespaces -o jsonpath="{range .items[*]}$fields{end}")
  while IFS='|' read -r namespace name type given; do
    [ "$type" = LoadBalancer ] || continue
    if [ "$namespace/$name" = "${NAMESPACE:?}/nginx-external" ]; then address=${given%% *}; else others=$((others + 1)); fi
  done <<<"$seen"
  if [ -z "$address" ]; then
    echo "service nginx-external has no address yet: EXTERNAL-IP is <pending>"
    return 1
  fi
  if [ "$(number "$address")" -lt "$(number "$FIRST")" ] || [ "$(number "$address")" -gt "$(number "$LAST")" ]; then
    echo "service nginx-external has $address, which is not in the pool $FIRST-$LAST"
    return 1
  fi
  # Another verification that goes on at the same time may have ended since then.
  [ ! -e "$KPROV_TMP/shared" ] || others=1
  if [ "$others" = 0 ] && [ "$address" != "$FIRST" ]; then
    echo "service nginx-external has $address, and the first address, $FIRST, is free"
    return 1
  fi
  publish load-balancer-address "$address"
  if [ "$others" = 0 ]; then echo "$address, the first of the pool"; else echo "$address of the pool $FIRST-$LAST"; fi
} 2>&1

apply() {
  local types
  types=$(kubectl --request-timeout=5s get services --all-namespaces -o jsonpath='{.items[*].spec.type}')
  [[ " $types " != *' LoadBalancer '* ]] || touch "$KPROV_TMP/shared"
  kubectl -n "$NAMESPACE" apply -f - <<<"$MANIFEST"
}

# The address $1 as a number.
number() {
  local a b c d
  IFS=. read -r a b c d <<<"$1"
  echo $(((a << 24) + (b << 16) + (c << 8) + d))
}
