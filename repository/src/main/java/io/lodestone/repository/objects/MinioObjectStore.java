package io.lodestone.repository.objects;

import com.google.protobuf.ByteString;
import io.lodestone.api.LodestoneException;
import io.minio.BucketArgs;
import io.minio.GetObjectArgs;
import io.minio.Http;
import io.minio.ListObjectsArgs;
import io.minio.MinioClient;
import io.minio.ObjectArgs;
import io.minio.PutObjectArgs;
import io.minio.RemoveObjectArgs;
import io.minio.Result;
import io.minio.StatObjectArgs;
import io.minio.credentials.AwsEnvironmentProvider;
import io.minio.credentials.ChainedProvider;
import io.minio.credentials.MinioEnvironmentProvider;
import io.minio.credentials.Provider;
import io.minio.credentials.StaticProvider;
import io.minio.errors.ErrorResponseException;
import io.minio.errors.MinioException;
import io.minio.errors.ServerException;
import io.minio.messages.Item;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.security.ProviderException;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Objects in a bucket of a MinIO server, by MinIO's own client. Server errors and timeouts are
 * retried with growing pauses before they are reported. Thread-safe.
 */
public final class MinioObjectStore implements ObjectStore {
  private static final int ATTEMPTS = 5;
  private static final long FIRST_PAUSE_MILLIS = 100;
  private static final long CONNECT_TIMEOUT_MILLIS = 5_000;
  private static final long TRANSFER_TIMEOUT_MILLIS = 60_000;

  private final BucketAddress address;
  private final Provider provider;
  private final MinioClient client;
  private final int pageKeys;
  private final int multipartAboveBytes;

  /**
   * @param pageKeys how many objects to list by one request
   * @param multipartAboveBytes size of the largest object that is put by one request; larger ones
   *     are put in parts, if they do not fit into one
   */
  MinioObjectStore(
      BucketAddress address,
      Optional<Credentials> credentials,
      int pageKeys,
      int multipartAboveBytes) {
    this.address = address;
    this.pageKeys = pageKeys;
    this.multipartAboveBytes = multipartAboveBytes;
    this.provider = provider(credentials);
    this.client =
        MinioClient.builder()
            .endpoint(address.endpoint().orElseThrow().toString())
            .region(address.region().orElse("us-east-1"))
            .credentialsProvider(provider)
            .build();
    client.setTimeout(CONNECT_TIMEOUT_MILLIS, TRANSFER_TIMEOUT_MILLIS, TRANSFER_TIMEOUT_MILLIS);
  }

  private static Provider provider(Optional<Credentials> credentials) {
    if (credentials.isEmpty()) {
      return new ChainedProvider(new MinioEnvironmentProvider(), new AwsEnvironmentProvider());
    }
    return new StaticProvider(credentials.get().accessKey(), credentials.get().secretKey(), null);
  }

  @Override
  public String location() {
    String endpoint = address.endpoint().orElseThrow().toString();
    return "minio"
        + endpoint.substring(endpoint.indexOf(':'))
        + "/"
        + address.bucket()
        + "/"
        + address.prefix();
  }

  @Override
  public boolean create(String name, ByteString bytes) throws IOException {
    return attempt(
        "create " + name,
        () -> {
          try {
            put(name, bytes, Map.of("If-None-Match", "*"));
            return true;
          } catch (ErrorResponseException e) {
            if (S3Failures.isPreconditionFailed(status(e), e.errorResponse().code())) {
              return false;
            }
            throw e;
          }
        });
  }

  @Override
  public void overwrite(String name, ByteString bytes) throws IOException {
    attempt(
        "write " + name,
        () -> {
          put(name, bytes, Map.of());
          return true;
        });
  }

  /**
   * In parts, the client sends the headers with each of its requests, the one that completes the
   * upload included: that is the one where a condition counts. It aborts an upload that fails. Of a
   * stream it keeps what one request takes in a buffer that grows to twice as much.
   */
  private void put(String name, ByteString bytes, Map<String, String> headers)
      throws MinioException {
    PutObjectArgs.Builder request = PutObjectArgs.builder();
    place(request, name);
    request.extraHeaders(new Http.Headers(headers));
    if (bytes.size() > multipartAboveBytes) {
      request.stream(bytes.newInput(), (long) bytes.size(), (long) MultipartUpload.PART_BYTES);
    } else {
      request.data(bytes.toByteArray(), bytes.size());
    }
    client.putObject(request.build());
  }

  @Override
  public InputStream read(String name, long offset, long length) throws IOException {
    if (length == 0) {
      return new ByteArrayInputStream(new byte[0]);
    }
    return attempt(
        "read " + name,
        () -> {
          try {
            GetObjectArgs.Builder request = GetObjectArgs.builder();
            place(request, name);
            return client.getObject(request.offset(offset).length(length).build());
          } catch (ErrorResponseException e) {
            if (status(e) == 416) {
              return new ByteArrayInputStream(new byte[0]);
            }
            if (isMissing(e)) {
              throw new MissingObjectException(location(), name);
            }
            throw e;
          }
        });
  }

  @Override
  public OptionalLong size(String name) throws IOException {
    return attempt(
        "look for " + name,
        () -> {
          try {
            StatObjectArgs.Builder request = StatObjectArgs.builder();
            place(request, name);
            return OptionalLong.of(client.statObject(request.build()).size());
          } catch (ErrorResponseException e) {
            if (isMissing(e)) {
              return OptionalLong.empty();
            }
            throw e;
          }
        });
  }

  @Override
  public Iterator<StoredObject> list(String prefix, String startAfter) {
    return new Listing(prefix, startAfter);
  }

  /** Goes on behind the last object it has given where a page could not be fetched. */
  private final class Listing implements Iterator<StoredObject> {
    private final String prefix;
    private String last;
    private Iterator<Result<Item>> items;
    private Optional<StoredObject> next = Optional.empty();

    Listing(String prefix, String startAfter) {
      this.prefix = prefix;
      this.last = startAfter;
      this.items = begin();
    }

    private Iterator<Result<Item>> begin() {
      ListObjectsArgs.Builder request = ListObjectsArgs.builder();
      request.bucket(address.bucket());
      request.prefix(address.prefix() + prefix).recursive(true).maxKeys(pageKeys);
      if (!last.isEmpty()) {
        request.startAfter(address.prefix() + last);
      }
      return client.listObjects(request.build()).iterator();
    }

    @Override
    public boolean hasNext() {
      if (next.isEmpty()) {
        try {
          next = attempt("list " + prefix, this::fetch);
        } catch (InterruptedIOException e) {
          throw new UncheckedIOException(e);
        }
      }
      return next.isPresent();
    }

    private Optional<StoredObject> fetch() throws MinioException {
      try {
        if (!items.hasNext()) {
          return Optional.empty();
        }
        Item item = items.next().get();
        last = item.objectName().substring(address.prefix().length());
        return Optional.of(new StoredObject(last, item.size()));
      } catch (MinioException e) {
        items = begin();
        throw e;
      } catch (IllegalStateException e) {
        items = begin();
        throw new MinioException(e.getCause() == null ? e : e.getCause());
      }
    }

    @Override
    public StoredObject next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      StoredObject result = next.orElseThrow();
      next = Optional.empty();
      return result;
    }
  }

  @Override
  public void delete(String name) throws IOException {
    attempt(
        "delete " + name,
        () -> {
          RemoveObjectArgs.Builder request = RemoveObjectArgs.builder();
          place(request, name);
          client.removeObject(request.build());
          return true;
        });
  }

  @Override
  public void close() {
    try {
      client.close();
    } catch (Exception e) {
      throw new IllegalStateException("cannot close the client of " + location(), e);
    }
  }

  private <A extends ObjectArgs> void place(ObjectArgs.Builder<?, A> request, String name) {
    BucketArgs.Builder<?, A> inBucket = request;
    inBucket.bucket(address.bucket());
    request.object(address.prefix() + ObjectNames.checked(name));
  }

  private interface Request<T> {
    T send() throws MinioException;
  }

  private <T> T attempt(String action, Request<T> request) throws InterruptedIOException {
    requireCredentials(action);
    long pauseMillis = FIRST_PAUSE_MILLIS;
    for (int attempt = 1; ; attempt++) {
      try {
        return request.send();
      } catch (MinioException e) {
        LodestoneException failure = failed(action, e);
        if (!(failure instanceof UnreachableStoreException) || attempt == ATTEMPTS) {
          throw failure;
        }
        pause(pauseMillis);
        pauseMillis *= 2;
      }
    }
  }

  /** Asked first: the client wraps the failure differently with each request. */
  private void requireCredentials(String action) {
    try {
      provider.fetch();
    } catch (ProviderException e) {
      throw S3Failures.noCredentials(action + " in " + location(), "", e);
    }
  }

  private static void pause(long millis) throws InterruptedIOException {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting to try again");
    }
  }

  private LodestoneException failed(String action, MinioException e) {
    String where = action + " in " + location();
    if (e instanceof ErrorResponseException refusal) {
      return S3Failures.refused(where, status(refusal), refusal.errorResponse().code(), e);
    }
    if (e instanceof ServerException server) {
      return S3Failures.refused(where, server.statusCode(), "", e);
    }
    return S3Failures.unreachable(where, e);
  }

  private static boolean isMissing(ErrorResponseException e) {
    return status(e) == S3Failures.NOT_FOUND && !e.errorResponse().code().equals("NoSuchBucket");
  }

  private static int status(ErrorResponseException e) {
    return e.response().code();
  }
}
