package io.lodestone.auth.token;

import io.lodestone.api.LodestoneException;
import io.lodestone.auth.NoTokens;
import io.lodestone.auth.Tokens;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * etcd's {@code --auth-token}: {@code simple}, nothing at all, or {@code
 * jwt,sign-method=RS256,pub-key=<file>,priv-key=<file>,ttl=5m}. What etcd refuses is refused with
 * its text. Immutable.
 *
 * @param type before the first comma
 * @param options behind it
 */
public record TokenSpec(String type, Map<String, String> options) {
  private static final Logger LOG = LoggerFactory.getLogger(TokenSpec.class);
  private static final String INVALID = "auth: invalid auth options";
  private static final String SIGN_METHOD = "sign-method";
  private static final String PUBLIC_KEY = "pub-key";
  private static final String PRIVATE_KEY = "priv-key";
  private static final String TTL = "ttl";
  private static final Duration DEFAULT_TTL = Duration.ofMinutes(5);

  public TokenSpec {
    options = Map.copyOf(options);
  }

  public static TokenSpec parse(String text) {
    String[] parts = text.split(",", -1);
    Map<String, String> options = new LinkedHashMap<>();
    for (int i = 1; i < parts.length; i++) {
      String[] pair = parts[i].split("=", -1);
      if (pair.length != 2 || options.putIfAbsent(pair[0], pair[1]) != null) {
        throw invalid("--auth-token has an option that is not name=value, or twice: " + parts[i]);
      }
    }
    return new TokenSpec(parts[0], options);
  }

  /**
   * Reads the keys.
   *
   * @param simpleTtl of simple tokens, from their last use
   */
  public Tokens open(Duration simpleTtl, SecureRandom random, Clock clock) {
    return switch (type) {
      case "simple" -> {
        LOG.atWarn().log("simple tokens are not cryptographically signed");
        yield new SimpleTokens(simpleTtl, System::nanoTime, random);
      }
      case "jwt" -> jwt(clock);
      case "" -> new NoTokens();
      default -> throw invalid("the token type is simple or jwt, not " + type);
    };
  }

  private Tokens jwt(Clock clock) {
    options.keySet().stream()
        .filter(name -> !name.matches(String.join("|", SIGN_METHOD, PUBLIC_KEY, PRIVATE_KEY, TTL)))
        .forEach(name -> LOG.atWarn().addKeyValue("option", name).log("unknown JWT option"));
    SignMethod method =
        SignMethod.of(option(SIGN_METHOD).orElse(""))
            .orElseThrow(() -> invalid("jwt needs sign-method, for example sign-method=RS256"));
    Duration ttl =
        option(TTL)
            .map(text -> GoDuration.parse(text).orElseThrow(() -> invalid("ttl is like 5m")))
            .orElse(DEFAULT_TTL);
    TokenKeys keys = new TokenKeys(file(PUBLIC_KEY), file(PRIVATE_KEY));
    return new JwtTokens(method.algorithm(keys), keys.canSign(), ttl, clock);
  }

  private Optional<KeyFile> file(String name) {
    return option(name).map(path -> new KeyFile(Path.of(path)));
  }

  private Optional<String> option(String name) {
    return Optional.ofNullable(options.get(name)).filter(value -> !value.isEmpty());
  }

  private static LodestoneException invalid(String hint) {
    return new LodestoneException(INVALID, hint);
  }
}
