# shellcheck shell=bash
# Proves that a field of an object in the cluster has a value.
# Needs OBJECT: kind/name; OBJECT_NAMESPACE, FIELD: a JSONPath; EXPECT: the value. Runs on the first control plane.

check() {
  local value
  value=$(kubectl --request-timeout=5s -n "$OBJECT_NAMESPACE" get "$OBJECT" -o "jsonpath=$FIELD")
  if [ "$value" != "$EXPECT" ]; then
    echo "$FIELD of $OBJECT in $OBJECT_NAMESPACE is '${value:0:300}' instead of '$EXPECT'"
    return 1
  fi
  echo "$FIELD of $OBJECT in $OBJECT_NAMESPACE is '$value'"
} 2>&1
