extension RequestCase {
    /// Host.
    public static let hosts: [RequestCase] = [
        RequestCase("C022 no Host", "GET /v1/bookings HTTP/1.1\r\n\r\n", 400),
        RequestCase("C022 no Host in 1.0", "GET /v1/bookings HTTP/1.0\r\n\r\n", 200),
        RequestCase("C023 empty Host", "GET /v1/bookings HTTP/1.1\r\nHost:\r\n\r\n", 400),
        .get("C024 two equal Hosts", "Host: h\r\n\r\n", 400),
        .get("C024 two Hosts", "Host: i\r\n\r\n", 400),
        RequestCase("C025 Host u@h", "GET /v1/bookings HTTP/1.1\r\nHost: u@h\r\n\r\n", 400),
        RequestCase("C025 Host h/p", "GET /v1/bookings HTTP/1.1\r\nHost: h/p\r\n\r\n", 400),
        RequestCase("C025 Host h, o", "GET /v1/bookings HTTP/1.1\r\nHost: h, o\r\n\r\n", 400),
        RequestCase("C027 Host h:99999", "GET /v1/bookings HTTP/1.1\r\nHost: h:99999\r\n\r\n", 400),
        RequestCase("C027 Host h:8a", "GET /v1/bookings HTTP/1.1\r\nHost: h:8a\r\n\r\n", 400),
        RequestCase("C027 Host [::1", "GET /v1/bookings HTTP/1.1\r\nHost: [::1\r\n\r\n", 400),
        RequestCase("C027 Host []", "GET /v1/bookings HTTP/1.1\r\nHost: []\r\n\r\n", 400),
        RequestCase("C027 Host [zz::1]", "GET /v1/bookings HTTP/1.1\r\nHost: [zz::1]\r\n\r\n", 400),
        RequestCase("Host [::1]:8080", "GET /v1/bookings HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n", 200),
        RequestCase("Host h:", "GET /v1/bookings HTTP/1.1\r\nHost: h:\r\n\r\n", 200),
        RequestCase("Host 127.0.0.1:80", "GET /v1/bookings HTTP/1.1\r\nHost: 127.0.0.1:80\r\n\r\n", 200),
        RequestCase("Host a_b.c", "GET /v1/bookings HTTP/1.1\r\nHost: a_b.c\r\n\r\n", 200),
    ]
}
