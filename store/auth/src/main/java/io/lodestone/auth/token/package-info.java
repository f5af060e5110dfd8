/**
 * The tokens that a login gets: {@link io.lodestone.auth.token.SimpleTokens}, random and kept in
 * memory by every member, and {@link io.lodestone.auth.token.JwtTokens}, signed and kept by nobody.
 *
 * <p>Start at {@link io.lodestone.auth.token.TokenSpec}, which reads etcd's {@code --auth-token}.
 */
package io.lodestone.auth.token;
