#!/bin/sh
# Brings one environment to what pi-aws.yaml says, from any pipeline: sh deploy.sh ENVIRONMENT
#
# Credentials come as every AWS tool finds them. Secrets come from files that PI_AWS_LICENCE_FILE, PI_AWS_REGISTRY_USERNAME and
# PI_AWS_REGISTRY_PASSWORD_FILE name; once they are in Secrets Manager they need not be given again. PI_AWS_PLAN_FILE names
# where the plan is kept, for whoever wants to see it.
#
# It ends with the code of pi-aws: 0 done, 3 deployed and not well, 12 refused before anything was changed.
set -u

environment=${1:?usage: sh deploy.sh ENVIRONMENT}
plan=${PI_AWS_PLAN_FILE:-pi-aws.plan.json}

# Waits for whatever somebody works on here. 13 is left by one that died, or that a person paused: a deploy takes it up.
settle() {
  pi-aws ops wait "$environment" --timeout 60m
  code=$?
  [ "$code" -ne 8 ] || exit 8
}

pi-aws config validate || exit
pi-aws preflight "$environment" || exit

pi-aws plan "$environment" --out "$plan" --exit-code
code=$?
[ "$code" -ne 0 ] || exit 0 # there is nothing to change
[ "$code" -eq 3 ] || exit "$code"

# What lives is kept first, without a stop; what is not there yet cannot be.
if pi-aws outputs "$environment" --name Url >/dev/null 2>&1; then
  pi-aws snapshot create "$environment" --consistency live --note "before a deploy" || exit
fi

tries=3
while :; do
  pi-aws deploy "$environment" --plan "$plan" --yes
  code=$?
  tries=$((tries - 1))
  [ "$tries" -gt 0 ] || break
  case $code in
    8) settle && break ;; # the work goes on without us
    11) settle ;;         # somebody else works on it, or a cancelled job left its lock
    13) ;;                # stopped at a safe point: the same command goes on
    *) break ;;
  esac
done
[ "$code" -eq 0 ] || exit "$code"

pi-aws status "$environment"
