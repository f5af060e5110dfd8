/**
 * Users, roles and permissions as etcd 3.5 keeps, changes and checks them: a state machine that is
 * driven by the requests of the replicated log and knows no storage, clock or network.
 *
 * <p>Start at {@link io.lodestone.auth.AuthStore}, which applies requests, and {@link
 * io.lodestone.auth.AuthView}, the state that readers check against. {@link
 * io.lodestone.auth.Logins} is what stands before the log: passwords and tokens.
 *
 * <p>Invariants: apply is deterministic except for the salt of passwords that a log of etcd 3.4
 * carries in the clear; the auth revision moves by one with every change of users or roles and with
 * disabling; a view never changes.
 */
package io.lodestone.auth;
