package io.lodestone.repository.objects;

import com.google.protobuf.ByteString;
import io.lodestone.api.LodestoneException;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.time.Duration;
import java.util.Iterator;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.StandardRetryStrategy;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Objects in an S3 bucket, by the AWS SDK. Server errors and timeouts are retried with growing
 * pauses before they are reported. Thread-safe.
 */
public final class S3ObjectStore implements ObjectStore {
  private static final int ATTEMPTS = 5;
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration READ_TIMEOUT = Duration.ofSeconds(60);
  private static final String CONTENT_TYPE = "application/octet-stream";

  private final BucketAddress address;
  private final S3Client client;
  private final int pageKeys;
  private final int multipartAboveBytes;

  /**
   * @param pageKeys how many objects to list by one request
   * @param multipartAboveBytes size of the largest object that is created by one request; larger
   *     ones are created in parts
   */
  S3ObjectStore(
      BucketAddress address,
      Optional<Credentials> credentials,
      int pageKeys,
      int multipartAboveBytes) {
    this.address = address;
    this.pageKeys = pageKeys;
    this.multipartAboveBytes = multipartAboveBytes;
    this.client = client(address, credentials);
  }

  private static S3Client client(BucketAddress address, Optional<Credentials> credentials) {
    S3ClientBuilder builder =
        S3Client.builder()
            .httpClientBuilder(
                UrlConnectionHttpClient.builder()
                    .connectionTimeout(CONNECT_TIMEOUT)
                    .socketTimeout(READ_TIMEOUT))
            .credentialsProvider(provider(credentials))
            .forcePathStyle(address.pathStyle())
            .overrideConfiguration(
                c ->
                    c.retryStrategy(StandardRetryStrategy.builder().maxAttempts(ATTEMPTS).build()));
    if (!address.checksums()) {
      builder.requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED);
      builder.responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED);
    }
    address.endpoint().ifPresent(builder::endpointOverride);
    Optional<String> region =
        address.region().or(() -> address.endpoint().map(endpoint -> "us-east-1"));
    region.ifPresent(name -> builder.region(Region.of(name)));
    try {
      return builder.build();
    } catch (SdkClientException e) {
      throw new LodestoneException(
          "cannot set up a client for bucket " + address.bucket() + ": " + e.getMessage(),
          "name the region: s3://" + address.bucket() + "?region=...",
          e);
    }
  }

  private static AwsCredentialsProvider provider(Optional<Credentials> credentials) {
    if (credentials.isEmpty()) {
      return DefaultCredentialsProvider.builder().build();
    }
    Credentials keys = credentials.get();
    return StaticCredentialsProvider.create(
        AwsBasicCredentials.create(keys.accessKey(), keys.secretKey()));
  }

  @Override
  public String location() {
    String at = address.endpoint().map(endpoint -> "?endpoint=" + endpoint).orElse("");
    return "s3://" + address.bucket() + "/" + address.prefix() + at;
  }

  @Override
  public boolean create(String name, ByteString bytes) {
    try {
      if (bytes.size() > multipartAboveBytes) {
        multipart(name).createIfAbsent(bytes);
      } else {
        client.putObject(put(name).ifNoneMatch("*").build(), body(bytes));
      }
      return true;
    } catch (S3Exception e) {
      if (S3Failures.isPreconditionFailed(e.statusCode(), code(e))) {
        return false;
      }
      throw refused("create " + name, e);
    } catch (SdkClientException e) {
      throw failed("create " + name, e);
    }
  }

  @Override
  public void overwrite(String name, ByteString bytes) {
    call("write " + name, () -> client.putObject(put(name).build(), body(bytes)));
  }

  @Override
  public InputStream read(String name, long offset, long length) {
    if (length == 0) {
      return new ByteArrayInputStream(new byte[0]);
    }
    String range = "bytes=" + offset + "-" + (offset + length - 1);
    try {
      ResponseInputStream<GetObjectResponse> answer =
          client.getObject(r -> r.bucket(address.bucket()).key(key(name)).range(range));
      return whole(answer);
    } catch (S3Exception e) {
      if (isMissing(e)) {
        throw new MissingObjectException(location(), name);
      }
      if (e.statusCode() == 416) {
        return new ByteArrayInputStream(new byte[0]);
      }
      throw refused("read " + name, e);
    } catch (SdkClientException e) {
      throw failed("read " + name, e);
    }
  }

  /** An answer in chunks tells its end itself. */
  private static InputStream whole(ResponseInputStream<GetObjectResponse> answer) {
    Optional<Long> length = Optional.ofNullable(answer.response().contentLength());
    if (length.isPresent()) {
      return new WholeAnswer(answer, length.get());
    }
    if (answer.response().sdkHttpResponse().firstMatchingHeader("Transfer-Encoding").isPresent()) {
      return answer;
    }
    answer.abort();
    return WholeAnswer.withoutLength();
  }

  @Override
  public OptionalLong size(String name) {
    try {
      HeadObjectResponse answer = client.headObject(r -> r.bucket(address.bucket()).key(key(name)));
      if (answer.contentLength() == null) {
        throw new UnreachableStoreException(
            "cannot look for " + name + " in " + location() + ": the answer broke off",
            "wait, and try again",
            null);
      }
      return OptionalLong.of(answer.contentLength());
    } catch (S3Exception e) {
      if (e.statusCode() == S3Failures.NOT_FOUND) {
        return OptionalLong.empty();
      }
      throw refused("look for " + name, e);
    } catch (SdkClientException e) {
      throw failed("look for " + name, e);
    }
  }

  @Override
  public Iterator<StoredObject> list(String prefix, String startAfter) {
    var pages =
        client.listObjectsV2Paginator(
            r -> {
              r.bucket(address.bucket()).prefix(address.prefix() + prefix).maxKeys(pageKeys);
              if (!startAfter.isEmpty()) {
                r.startAfter(address.prefix() + startAfter);
              }
            });
    var objects = call("list " + prefix, () -> pages.contents().iterator());
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return call("list " + prefix, objects::hasNext);
      }

      @Override
      public StoredObject next() {
        var object = call("list " + prefix, objects::next);
        return new StoredObject(object.key().substring(address.prefix().length()), object.size());
      }
    };
  }

  @Override
  public void delete(String name) {
    call(
        "delete " + name,
        () -> client.deleteObject(r -> r.bucket(address.bucket()).key(key(name))));
  }

  @Override
  public void close() {
    client.close();
  }

  private PutObjectRequest.Builder put(String name) {
    return PutObjectRequest.builder()
        .bucket(address.bucket())
        .key(key(name))
        .contentType(CONTENT_TYPE);
  }

  private MultipartUpload multipart(String name) {
    return new MultipartUpload(
        client, address.bucket(), key(name), CONTENT_TYPE, address.checksums());
  }

  /** A body that can be sent again; the bytes are not copied. */
  private static RequestBody body(ByteString bytes) {
    return RequestBody.fromContentProvider(bytes::newInput, bytes.size(), CONTENT_TYPE);
  }

  private String key(String name) {
    return address.prefix() + ObjectNames.checked(name);
  }

  private <T> T call(String action, Supplier<T> request) {
    try {
      return request.get();
    } catch (S3Exception e) {
      throw refused(action, e);
    } catch (SdkClientException e) {
      throw failed(action, e);
    }
  }

  private static boolean isMissing(S3Exception e) {
    return e.statusCode() == S3Failures.NOT_FOUND && !code(e).equals("NoSuchBucket");
  }

  private LodestoneException refused(String action, S3Exception e) {
    return S3Failures.refused(action + " in " + location(), e.statusCode(), code(e), e);
  }

  private LodestoneException failed(String action, SdkClientException e) {
    if (String.valueOf(e.getMessage()).contains("Unable to load credentials")) {
      return S3Failures.noCredentials(
          action + " in " + location(), ", or use a profile or role", e);
    }
    return S3Failures.unreachable(action + " in " + location(), e);
  }

  private static String code(AwsServiceException e) {
    return e.awsErrorDetails() == null || e.awsErrorDetails().errorCode() == null
        ? ""
        : e.awsErrorDetails().errorCode();
  }
}
