package io.lodestone.auth.token;

import com.auth0.jwt.JWT;
import com.auth0.jwt.JWTVerifier;
import com.auth0.jwt.algorithms.Algorithm;
import com.auth0.jwt.exceptions.JWTVerificationException;
import com.auth0.jwt.interfaces.DecodedJWT;
import io.lodestone.api.ErrorCode;
import io.lodestone.api.StoreException;
import io.lodestone.auth.Identity;
import io.lodestone.auth.Tokens;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

/**
 * Signed tokens with the claims {@code username}, {@code revision} (the auth revision of the login;
 * any later change of users makes the token old) and {@code exp}, as etcd makes them: members that
 * share the key know each other's. Nothing is kept, so nothing can be invalidated. Immutable.
 */
public final class JwtTokens implements Tokens {
  private final Algorithm algorithm;
  private final boolean canSign;
  private final Duration ttl;
  private final Clock clock;
  private final JWTVerifier verifier;

  JwtTokens(Algorithm algorithm, boolean canSign, Duration ttl, Clock clock) {
    this.algorithm = algorithm;
    this.canSign = canSign;
    this.ttl = ttl;
    this.clock = clock;
    this.verifier = ((JWTVerifier.BaseVerification) JWT.require(algorithm)).build(clock);
  }

  @Override
  public Optional<Identity> identify(String token, long authRevision) {
    DecodedJWT decoded;
    try {
      decoded = verifier.verify(token);
    } catch (JWTVerificationException e) {
      // Not ours, not any more, or forged: the answer is in the return value.
      return Optional.empty();
    }
    String user = decoded.getClaim("username").asString();
    Double revision = decoded.getClaim("revision").asDouble();
    return user == null || revision == null
        ? Optional.empty()
        : Optional.of(new Identity(user, revision.longValue()));
  }

  @Override
  public String sign(String assigned, String user, long authRevision) {
    if (!canSign) {
      throw new StoreException(ErrorCode.TOKEN_VERIFY_ONLY);
    }
    return JWT.create()
        .withClaim("username", user)
        .withClaim("revision", authRevision)
        .withExpiresAt(clock.instant().plus(ttl))
        .sign(algorithm);
  }
}
