package io.lodestone.auth;

import com.google.protobuf.ByteString;

/**
 * Where an {@link AuthStore} keeps its rows, key and value exactly as in etcd's buckets. Called
 * within apply, on its thread; what is written belongs to the same batch as the applied index.
 */
public interface AuthRows {
  /** For a store that somebody else writes out, by {@link AuthStore#sideState}. */
  AuthRows NONE =
      new AuthRows() {
        @Override
        public void put(Bucket bucket, ByteString key, ByteString value) {}

        @Override
        public void delete(Bucket bucket, ByteString key) {}
      };

  void put(Bucket bucket, ByteString key, ByteString value);

  void delete(Bucket bucket, ByteString key);

  /** etcd's buckets. */
  enum Bucket {
    /** {@code authEnabled}: one byte, 0 or 1; {@code authRevision}: 8 bytes, big endian. */
    AUTH("auth"),
    /** User name to an encoded {@code authpb.User}. */
    USERS("authUsers"),
    /** Role name to an encoded {@code authpb.Role}. */
    ROLES("authRoles");

    private final String bucketName;

    Bucket(String bucketName) {
      this.bucketName = bucketName;
    }

    public String bucketName() {
      return bucketName;
    }
  }
}
