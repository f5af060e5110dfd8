package io.lodestone.auth;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.lodestone.api.CorruptDataException;
import io.lodestone.api.authpb.Role;
import io.lodestone.api.authpb.User;
import io.lodestone.auth.AuthRows.Bucket;

/** A stored row, decoded; what cannot be fails with {@link CorruptDataException}. Immutable. */
record AuthRow(Bucket bucket, ByteString key, ByteString value) {

  User user() {
    try {
      return User.parseFrom(value);
    } catch (InvalidProtocolBufferException e) {
      throw corrupt(e);
    }
  }

  Role role() {
    try {
      return Role.parseFrom(value);
    } catch (InvalidProtocolBufferException e) {
      throw corrupt(e);
    }
  }

  long revision() {
    if (value.size() != Long.BYTES) {
      throw corrupt(null);
    }
    return value.asReadOnlyByteBuffer().getLong();
  }

  private CorruptDataException corrupt(Exception cause) {
    return new CorruptDataException(
        "a row of "
            + value.size()
            + " bytes in bucket "
            + bucket.bucketName()
            + " cannot be decoded, key "
            + key.toStringUtf8(),
        "the data is damaged; use another copy",
        cause);
  }
}
