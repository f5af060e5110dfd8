package io.lodestone.auth;

import com.google.protobuf.ByteString;
import io.lodestone.api.ErrorCode;
import io.lodestone.api.StoreException;
import java.util.Base64;
import java.util.function.Supplier;

/**
 * The stored form of the passwords that a log carries. Since 3.5 it carries a bcrypt hash in
 * base64; before, the password itself, of which every member makes a hash of its own. Confined to
 * the apply thread.
 */
final class LoggedPasswords {
  private final Bcrypt bcrypt;
  private final Supplier<AuthRules> rules;

  LoggedPasswords(Bcrypt bcrypt, Supplier<AuthRules> rules) {
    this.bcrypt = bcrypt;
    this.rules = rules;
  }

  /** Empty where the log carries neither; fails with NO_PASSWORD_USER for what is not base64. */
  ByteString stored(String password, String hashedInBase64) {
    if (hashedInBase64.isEmpty() && (!password.isEmpty() || rules.get().hashesEmptyPasswords())) {
      return bcrypt.hash(password);
    }
    return decode(hashedInBase64.replace("\r", "").replace("\n", ""));
  }

  private static ByteString decode(String base64) {
    if (base64.length() % 4 != 0) {
      throw new StoreException(ErrorCode.NO_PASSWORD_USER);
    }
    try {
      return ByteString.copyFrom(Base64.getDecoder().decode(base64));
    } catch (IllegalArgumentException e) {
      throw new StoreException(
          ErrorCode.NO_PASSWORD_USER, ErrorCode.NO_PASSWORD_USER.text(), "", e);
    }
  }
}
