package io.lodestone.repository.objects;

import io.lodestone.api.LodestoneException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A place in an S3 bucket, read from a URI.
 *
 * @param prefix put before every object's name: empty, or ending with a slash
 * @param endpoint where the server is; empty means AWS itself
 * @param pathStyle true where the bucket is part of the path, not of the host's name
 * @param checksums false where the server does not understand the checksums AWS added in 2025
 */
record BucketAddress(
    String bucket,
    String prefix,
    Optional<URI> endpoint,
    Optional<String> region,
    boolean pathStyle,
    boolean checksums) {
  private static final Set<String> S3_OPTIONS =
      Set.of("endpoint", "region", "path-style", "checksums");
  private static final Set<String> MINIO_OPTIONS = Set.of("tls", "region");

  /** {@code s3://bucket/prefix?endpoint=...&region=...&path-style=true&checksums=false}. */
  static BucketAddress ofS3(String text) {
    URI uri = parse(text);
    Map<String, String> options = options(uri, S3_OPTIONS);
    if (uri.getAuthority() == null) {
      throw bad(text, "it names no bucket");
    }
    Optional<URI> endpoint =
        Optional.ofNullable(options.get("endpoint")).map(value -> endpoint(text, value));
    return new BucketAddress(
        uri.getAuthority(),
        prefix(uri.getPath()),
        endpoint,
        Optional.ofNullable(options.get("region")),
        flag(options, "path-style", endpoint.isPresent()),
        flag(options, "checksums", true));
  }

  /** {@code minio://host:port/bucket/prefix?tls=true|false&region=...}; TLS is the default. */
  static BucketAddress ofMinio(String text) {
    URI uri = parse(text);
    Map<String, String> options = options(uri, MINIO_OPTIONS);
    String path = uri.getPath() == null ? "" : uri.getPath().replaceFirst("^/+", "");
    int slash = path.indexOf('/');
    String bucket = slash < 0 ? path : path.substring(0, slash);
    if (uri.getHost() == null || bucket.isEmpty()) {
      throw bad(text, "it must name a host and a bucket");
    }
    String scheme = flag(options, "tls", true) ? "https://" : "http://";
    return new BucketAddress(
        bucket,
        slash < 0 ? "" : prefix(path.substring(slash)),
        Optional.of(endpoint(text, scheme + uri.getAuthority())),
        Optional.ofNullable(options.get("region")),
        true,
        true);
  }

  private static URI parse(String text) {
    try {
      return new URI(text);
    } catch (URISyntaxException e) {
      throw bad(text, e.getReason());
    }
  }

  private static URI endpoint(String text, String value) {
    URI endpoint = parse(value);
    boolean http = "http".equals(endpoint.getScheme()) || "https".equals(endpoint.getScheme());
    if (!http || endpoint.getHost() == null || endpoint.getUserInfo() != null) {
      throw bad(text, "its endpoint must look like https://host:port");
    }
    return endpoint;
  }

  private static String prefix(String path) {
    String trimmed = path.replaceAll("^/+|/+$", "");
    return trimmed.isEmpty() ? "" : ObjectNames.checked(trimmed) + "/";
  }

  private static Map<String, String> options(URI uri, Set<String> known) {
    Map<String, String> options = new HashMap<>();
    if (uri.getQuery() == null) {
      return options;
    }
    for (String pair : uri.getQuery().split("&", -1)) {
      int equals = pair.indexOf('=');
      String name = equals < 0 ? pair : pair.substring(0, equals);
      if (!known.contains(name)) {
        throw new LodestoneException(
            "the repository address has an option " + name + ", which is not known",
            "the options are " + String.join(", ", known.stream().sorted().toList()));
      }
      options.put(name, equals < 0 ? "true" : pair.substring(equals + 1));
    }
    return options;
  }

  private static boolean flag(Map<String, String> options, String name, boolean otherwise) {
    String value = options.getOrDefault(name, Boolean.toString(otherwise));
    if (!value.equals("true") && !value.equals("false")) {
      throw new LodestoneException(
          "option " + name + " of the repository address is " + value, "use true or false");
    }
    return value.equals("true");
  }

  private static LodestoneException bad(String text, String reason) {
    return new LodestoneException(
        "cannot read the repository address " + text + ": " + reason,
        "use /path, s3://bucket/prefix?endpoint=https://host:port or minio://host:port/bucket/prefix");
  }
}
