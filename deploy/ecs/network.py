"""Where everything is, who may reach whom, and the load balancer in front."""

from aws_cdk import CfnOutput, Duration, RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as balancing
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from deploy.ecs.options import Options

__all__ = ["API_PORT", "TEST_PORT", "Balancer", "Network"]

API_PORT = 8000
TEST_PORT = 8443
_RANGE = "10.20.0.0/16"
_LOG_DAYS = 90
_DEREGISTRATION_S = 30
_IDLE_S = 120
"""Event streams and WebSockets say something every 20 seconds; more would keep the dead."""


class Network(Construct):
    """A network of two zones: balancer outside, tasks behind NAT, the database without a way out.

    Args:
        scope: of the stack.
        options: of whoever deploys.
    """

    def __init__(self, scope: Construct, options: Options) -> None:
        super().__init__(scope, "Network")
        self.range = _RANGE
        self.vpc = ec2.Vpc(
            self,
            "Vpc",
            ip_addresses=ec2.IpAddresses.cidr(_RANGE),
            max_azs=2,
            nat_gateways=options.nat_gateways,
            restrict_default_security_group=False,  # takes a function of its own; none uses it
            subnet_configuration=[
                ec2.SubnetConfiguration(name="public", subnet_type=ec2.SubnetType.PUBLIC),
                ec2.SubnetConfiguration(
                    name="tasks", subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS, cidr_mask=20
                ),
                ec2.SubnetConfiguration(
                    name="data", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED, cidr_mask=24
                ),
            ],
        )
        # Documents go to S3 without NAT, which charges by the gigabyte.
        self.vpc.add_gateway_endpoint("S3", service=ec2.GatewayVpcEndpointAwsService.S3)
        self.balancer = self._group("Balancer", "Load balancer")
        self.tasks = self._group("Tasks", "Tasks")
        self.checks = self._group("Checks", "The function that checks a release")
        self.database = self._group("Database", "PostgreSQL")
        self._connect()

    def _group(self, name: str, description: str) -> ec2.SecurityGroup:
        return ec2.SecurityGroup(
            self, name, vpc=self.vpc, description=description, allow_all_outbound=False
        )

    def _connect(self) -> None:
        everywhere, web = ec2.Peer.any_ipv4(), ec2.Port.tcp(443)
        self.balancer.add_ingress_rule(everywhere, web, "HTTPS")
        self.balancer.add_ingress_rule(everywhere, ec2.Port.tcp(80), "Sent on to HTTPS")
        api, postgres = ec2.Port.tcp(API_PORT), ec2.Port.tcp(5432)
        for source in (self.balancer, self.checks):
            self.tasks.add_ingress_rule(source, api, "API")
            source.add_egress_rule(self.tasks, api, "API")
        self.database.add_ingress_rule(self.tasks, postgres, "PostgreSQL")
        self.tasks.add_egress_rule(self.database, postgres, "PostgreSQL")
        self.tasks.add_egress_rule(everywhere, web, "AWS, and services outside")
        self.tasks.add_egress_rule(everywhere, ec2.Port.tcp(587), "E-mail")
        self.checks.add_egress_rule(everywhere, web, "AWS")


class Balancer(Construct):
    """HTTPS for everybody, and two groups of targets that a deployment swaps.

    Args:
        scope: of the stack.
        network: in which it is.
        options: of whoever deploys.
    """

    def __init__(self, scope: Construct, network: Network, options: Options) -> None:
        super().__init__(scope, "Balancer")
        self._network = network
        self.logs = self._log_bucket()
        self.balancer = balancing.ApplicationLoadBalancer(
            self,
            "Balancer",
            vpc=network.vpc,
            internet_facing=True,
            security_group=network.balancer,
            deletion_protection=True,
            drop_invalid_header_fields=True,
            desync_mitigation_mode=balancing.DesyncMitigationMode.DEFENSIVE,
            idle_timeout=Duration.seconds(_IDLE_S),
        )
        self._log()
        self.blue, self.green = self._targets("Blue"), self._targets("Green")
        self.balancer.add_listener(
            "Plain",
            port=80,
            open=False,
            default_action=balancing.ListenerAction.redirect(
                protocol="HTTPS", port="443", permanent=True
            ),
        )
        self.listener = self._secure("Secure", 443, self.blue, options)
        # Nobody may reach it: it is there so that the targets of a release are checked before
        # anybody is sent to them.
        self.test_listener = self._secure("Test", TEST_PORT, self.green, options)
        CfnOutput(Stack.of(self), "BalancerName", value=self.balancer.load_balancer_dns_name)

    def _log_bucket(self) -> s3.Bucket:
        """Make the bucket of access logs; the balancer encrypts with no key but S3's own."""
        bucket = s3.Bucket(
            self,
            "Logs",
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            versioned=True,
            lifecycle_rules=[
                s3.LifecycleRule(
                    expiration=Duration.days(_LOG_DAYS),
                    noncurrent_version_expiration=Duration.days(1),
                )
            ],
            removal_policy=RemovalPolicy.RETAIN,
        )
        bucket.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("logdelivery.elasticloadbalancing.amazonaws.com")],
                actions=["s3:PutObject"],
                resources=[bucket.arn_for_objects(f"AWSLogs/{Stack.of(self).account}/*")],
            )
        )
        return bucket

    def _log(self) -> None:
        self.balancer.set_attribute("access_logs.s3.enabled", "true")
        self.balancer.set_attribute("access_logs.s3.bucket", self.logs.bucket_name)
        policy = self.logs.policy
        assert policy is not None  # noqa: S101  # just added
        self.balancer.node.add_dependency(policy)

    def _targets(self, name: str) -> balancing.ApplicationTargetGroup:
        return balancing.ApplicationTargetGroup(
            self,
            name,
            vpc=self._network.vpc,
            port=API_PORT,
            protocol=balancing.ApplicationProtocol.HTTP,
            target_type=balancing.TargetType.IP,
            deregistration_delay=Duration.seconds(_DEREGISTRATION_S),
            load_balancing_algorithm_type=(
                balancing.TargetGroupLoadBalancingAlgorithmType.LEAST_OUTSTANDING_REQUESTS
            ),
            health_check=balancing.HealthCheck(
                path="/api/v1/ready",
                healthy_http_codes="200",
                interval=Duration.seconds(5),
                timeout=Duration.seconds(4),
                healthy_threshold_count=2,
                unhealthy_threshold_count=2,
            ),
        )

    def _secure(
        self,
        name: str,
        port: int,
        targets: balancing.ApplicationTargetGroup,
        options: Options,
    ) -> balancing.ApplicationListener:
        return self.balancer.add_listener(
            name,
            port=port,
            protocol=balancing.ApplicationProtocol.HTTPS,
            open=False,
            ssl_policy=balancing.SslPolicy.RECOMMENDED_TLS,
            certificates=[balancing.ListenerCertificate.from_arn(options.certificate_arn)],
            default_target_groups=[targets],
        )
