package io.lodestone.repository.objects;

import io.lodestone.api.LodestoneException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Opens a store from an address:
 *
 * <pre>{@code
 * /path  or  file:/path
 * s3://bucket/prefix?endpoint=https://host:port&region=eu-central-1&path-style=true
 * minio://host:port/bucket/prefix?tls=false
 * }</pre>
 *
 * <p>Opening does not talk to the store yet.
 */
public final class ObjectStores {
  private static final String S3 = "s3://";
  private static final String MINIO = "minio://";
  private static final int PAGE_KEYS = 1_000;
  private static final int MULTIPART_ABOVE_BYTES = 16 << 20;

  private ObjectStores() {}

  /** Takes credentials from the environment, as the store's own tools do. */
  public static ObjectStore open(String address) {
    return open(address, Optional.empty());
  }

  public static ObjectStore open(String address, Credentials credentials) {
    return open(address, Optional.of(credentials));
  }

  /** Refuses, as opening would, an address that cannot be read. */
  public static void check(String address) {
    if (address.startsWith(S3)) {
      BucketAddress unused = BucketAddress.ofS3(address);
    } else if (address.startsWith(MINIO)) {
      BucketAddress unused = BucketAddress.ofMinio(address);
    } else if (address.isEmpty() || address.contains("://")) {
      throw new LodestoneException(
          "no kind of repository has the address '" + address + "'",
          "use a path, s3://bucket/prefix or minio://host:port/bucket/prefix");
    }
  }

  /** Whether what is there has to come over a network. */
  public static boolean isRemote(String address) {
    return address.startsWith(S3) || address.startsWith(MINIO);
  }

  private static ObjectStore open(String address, Optional<Credentials> credentials) {
    check(address);
    if (address.startsWith(S3)) {
      return new ResumingStore(
          new S3ObjectStore(
              BucketAddress.ofS3(address), credentials, PAGE_KEYS, MULTIPART_ABOVE_BYTES));
    }
    if (address.startsWith(MINIO)) {
      return new ResumingStore(
          new MinioObjectStore(
              BucketAddress.ofMinio(address), credentials, PAGE_KEYS, MULTIPART_ABOVE_BYTES));
    }
    if (address.startsWith("file:")) {
      return new FileObjectStore(Path.of(address.substring(5).replaceFirst("^/+", "/")));
    }
    return new FileObjectStore(Path.of(address));
  }
}
