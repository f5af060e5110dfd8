/**
 * The Auth service: passwords are hashed and checked on a pool of their own, everything else is
 * proposed like any other write. The state itself is {@link io.lodestone.auth.AuthStore}, which
 * applies the proposals.
 */
package io.lodestone.server.auth;
