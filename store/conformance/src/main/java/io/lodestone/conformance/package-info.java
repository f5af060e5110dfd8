/**
 * Is this server etcd? Two servers, the reference (stock etcd 3.5) and a candidate, get the same
 * input, and whatever a client can see of them must be the same. Nothing here looks behind an
 * endpoint.
 *
 * <p>Start at {@link io.lodestone.conformance.Contestants}, which names who may compete. {@code
 * -Dlodestone.conformance.candidate=ETCD_3_4} chooses another candidate. The packages below compare
 * generated requests, what etcdctl prints, and what the JSON gateway answers; each says what it
 * leaves out of the comparison and why.
 *
 * <p>The suite is itself on trial: stock etcd against itself must show no difference, and stock
 * etcd 3.4 against 3.5 must show those that are known.
 */
package io.lodestone.conformance;
