package io.lodestone.server.call;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/** Notes who calls, where the call says so. Thread-safe. */
public final class CallerInterceptor implements ServerInterceptor {
  private static final Metadata.Key<String> TOKEN =
      Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private final boolean certificatesNameUsers;

  /** {@code certificatesNameUsers} is {@code --client-cert-auth}. */
  public CallerInterceptor(boolean certificatesNameUsers) {
    this.certificatesNameUsers = certificatesNameUsers;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    Caller caller = new Caller(token(headers), certificateName(call));
    if (caller.equals(Caller.ANONYMOUS)) {
      return next.startCall(call, headers);
    }
    return Contexts.interceptCall(caller.in(Context.current()), call, headers, next);
  }

  private static Optional<String> token(Metadata headers) {
    return Optional.ofNullable(headers.get(TOKEN))
        .or(() -> Optional.ofNullable(headers.get(AUTHORIZATION)));
  }

  private Optional<String> certificateName(ServerCall<?, ?> call) {
    SSLSession session = call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
    if (!certificatesNameUsers || session == null) {
      return Optional.empty();
    }
    try {
      return session.getPeerCertificates()[0] instanceof X509Certificate certificate
          ? commonName(certificate)
          : Optional.empty();
    } catch (SSLPeerUnverifiedException e) {
      // The client showed no certificate, which the listener allowed.
      return Optional.empty();
    }
  }

  private static Optional<String> commonName(X509Certificate certificate) {
    try {
      return new LdapName(certificate.getSubjectX500Principal().getName())
          .getRdns().stream()
              .filter(rdn -> rdn.getType().equalsIgnoreCase("CN"))
              .map(Rdn::getValue)
              .map(String::valueOf)
              .findFirst();
    } catch (InvalidNameException e) {
      // A name that cannot be read names no user.
      return Optional.empty();
    }
  }
}
