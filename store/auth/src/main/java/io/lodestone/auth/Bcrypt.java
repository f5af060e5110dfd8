package io.lodestone.auth;

import at.favre.lib.crypto.bcrypt.BCrypt;
import at.favre.lib.crypto.bcrypt.LongPasswordStrategies;
import com.google.protobuf.ByteString;
import io.lodestone.api.ErrorCode;
import io.lodestone.api.StoreException;
import java.nio.charset.StandardCharsets;

/**
 * Hashes of passwords as etcd makes and checks them: {@code $2a$}. Takes tens of milliseconds.
 * Thread-safe.
 */
final class Bcrypt {
  private static final int MIN_COST = 4;
  private static final int MAX_COST = 31;
  private static final int DEFAULT_COST = 10;
  private static final int MAX_PASSWORD_BYTES = 72;

  private final int cost;

  /**
   * @param cost 4 to 31; any other means etcd's default of 10
   */
  Bcrypt(int cost) {
    this.cost = cost < MIN_COST || cost > MAX_COST ? DEFAULT_COST : cost;
  }

  /** Fails with PASSWORD_TOO_LONG above 72 bytes. */
  ByteString hash(String password) {
    byte[] bytes = password.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > MAX_PASSWORD_BYTES) {
      throw new StoreException(ErrorCode.PASSWORD_TOO_LONG);
    }
    return ByteString.copyFrom(BCrypt.with(BCrypt.Version.VERSION_2A).hash(cost, bytes));
  }

  /** False also for a hash that is none. Only the first 72 bytes of a password count. */
  boolean matches(String password, ByteString hash) {
    if (hash.isEmpty()) {
      return false;
    }
    return BCrypt.verifyer(null, LongPasswordStrategies.truncate(BCrypt.Version.VERSION_2A))
        .verify(password.getBytes(StandardCharsets.UTF_8), hash.toByteArray())
        .verified;
  }
}
